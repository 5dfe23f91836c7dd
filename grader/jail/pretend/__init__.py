"""Pretending a GPU: ordinary CPU tensors whose storage bears the device on which they pretend to be.

What a device mistake would raise on a real GPU is raised here too, on any laptop. It is feedback, not a fence: it
decides no point, and where it cannot tell it says nothing. Importing this package loads no torch.
"""
