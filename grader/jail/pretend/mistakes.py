"""The device mistakes that are known by name, and what is said of each: the one table of them."""

from __future__ import annotations

EXPLANATIONS: dict[str, str] = {
    "made_on_cpu": (
        "A tensor that is made without `device=` lies on the CPU, wherever the other tensors are. On a GPU the "
        "next step would have to combine tensors of two devices, and PyTorch raises an error there. Make it where "
        "the input lies: `torch.zeros(n, device=x.device)`, `torch.zeros_like(x)` or `x.new_zeros(n)` do that, on "
        "the CPU as well."
    ),
    "cpu_by_name": (
        'This line puts a tensor on the CPU by its name: `device="cpu"`. When the inputs are on a GPU, it meets '
        "them there, and PyTorch raises an error because the two are on different devices. Ask the input instead: "
        "`device=x.device` is the CPU today, and the GPU as soon as `x` is on one."
    ),
    "made_beforehand": (
        "The function uses a tensor that was made outside of it, on the CPU, and that nobody moves when the "
        "inputs are on a GPU. There the two meet on different devices, and PyTorch raises an error. Make it "
        "inside the function with `device=x.device`, or move it where it is used: `table.to(x.device)` costs "
        "nothing where it is there already."
    ),
    "plain_tensor_bias": (
        "An attribute of the module is a plain tensor. `net.to(device)` moves Parameters and buffers only, so "
        "this one stays on the CPU while the input comes from the GPU, and the forward pass raises an error. Wrap "
        "what is trained in `nn.Parameter(…)`, as the last step of making it, and give constants to "
        "`self.register_buffer(name, tensor)`."
    ),
    "layer_in_a_list": (
        "Layers or Parameters are kept in an ordinary Python list, tuple or dictionary. A module does not look "
        "into those: `net.to(device)` leaves them on the CPU, and `net.parameters()` does not name them, so that "
        "they would not be trained either. Use `nn.ModuleList`, `nn.ModuleDict` or `nn.ParameterList`, or give "
        "each an attribute of its own."
    ),
    "net_left_behind": (
        "The net that is built here stays on the CPU: a new module's Parameters always start there. Its batches "
        "come from a GPU, and the first layer raises an error, because input and weight are on different devices. "
        "Choose the device once, from the data: `net.to(x.device)` right after building it moves every Parameter "
        "and buffer."
    ),
    "through_numpy": (
        "NumPy works on the CPU only: it cannot read a tensor that lies on a GPU, and `.numpy()` or `np.…(x)` "
        "raises a TypeError there. PyTorch has nearly every function that NumPy has, so stay with tensors. Where "
        "NumPy is really needed, go by `x.detach().cpu().numpy()` and bring the result back with `.to(x.device)`."
    ),
    "numpy_left_on_cpu": (
        "The numbers went through NumPy, and the tensor that is made of them lies on the CPU, although the input "
        "was on a GPU. Whoever goes on with it meets two devices and an error. Bring it back: "
        "`torch.from_numpy(array).to(x.device)`. Better still, compute with PyTorch's own functions, and it never "
        "leaves."
    ),
    "through_cpu": (
        "This line copies a tensor to the CPU, and it is not brought back. What comes after combines it with "
        "tensors on the GPU, or returns it, and the caller finds the result on another device than the input. "
        "Leave the `.cpu()` out: `.item()` and `.tolist()` read numbers from a GPU without it. Otherwise end with "
        "`.to(x.device)`."
    ),
    "result_on_cpu": (
        "The numbers are right, but the result lies on the CPU although the input is on a GPU: a new tensor starts on "
        "the CPU unless it is told otherwise, and filling it with numbers from the GPU does not move it. The caller's "
        "next step then meets two devices and raises an error. Say where it belongs when you make it, for example by "
        "`torch.zeros(n, device=x.device)` or `torch.tensor(numbers, device=x.device)`."
    ),
    "added_into_cpu": (
        "Values from the GPU are written into a tensor on the CPU in place, by `+=` or another operation that "
        "ends in an underscore. PyTorch refuses that: both sides must be on one device. Make the tensor that "
        "collects where the values lie, `torch.zeros(n, device=x.device)`, or collect plain numbers: `total += "
        "loss.item()`."
    ),
    "indexed_on_cpu": (
        "A table on the CPU is indexed by a tensor that lies on a GPU. PyTorch allows the reverse, an index from "
        "the CPU, but not this: the table would have to be sent to the GPU first. Make the table where the index "
        "lies, with `device=labels.device`, for example `torch.eye(n, device=labels.device)[labels]`."
    ),
    "labels_left_behind": (
        "The net is on a GPU and the labels stay on the CPU: only the images were moved to the net's device. The "
        "loss needs both on one device and raises an error. Move the labels of each batch in the same way, next "
        "to its rows: `x[rows].to(device), y[rows].to(device)`, with the device that the net's parameters have."
    ),
    "images_left_behind": (
        "The net is on a GPU and the rows of the batch stay on the CPU, so that its first layer raises an error. "
        "Ask one of the net's parameters for its `.device`, and move each batch there before the net sees it: "
        "`x[rows].to(device)`, and the labels likewise. Moving all data at once is no remedy: data sets are often "
        "larger than a GPU's memory."
    ),
    "gradient_on_cpu": (
        "A gradient on the CPU is assigned to a parameter on the GPU. PyTorch refuses it: a gradient must lie "
        "where its parameter lies. Clear it by `p.grad = None` or `p.grad.zero_()`, and make any new one from the "
        "parameter itself, by `torch.zeros_like(p)`: then it has the right shape, dtype and device at once."
    ),
    "moved_to_cuda_by_name": (
        'The code goes to the GPU by itself, through `.cuda()`, `"cuda"` or a device that was chosen beforehand, '
        "whatever the inputs say. Where there is a GPU, inputs that lie on the CPU meet a tensor that does not, or the "
        "result lies elsewhere than they do; without a GPU, `.cuda()` raises an error. Follow the input instead: "
        "`device=x.device` is right on every machine."
    ),
}
"""By name: what is wrong on a GPU, why, and one remedy, in 30 to 80 plain words."""
