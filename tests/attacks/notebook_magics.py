"""Attacks by IPython's own ways: shell lines, cell magics, extensions, stored variables, startup files."""

from __future__ import annotations

from attacks.attack import FIRST, Bite
from attacks.notebook_marks import FULL, NOTEBOOK, ZEROS

SHELL = (
    NOTEBOOK.hunt(
        "writes into another submission by a shell line",
        "another submission",
        "!echo broken > {COURSE}/submitted/ada/{ASSIGNMENT}/{ASSIGNMENT}.ipynb",
        Bite.FILE,
    ),
    NOTEBOOK.hunt(
        "changes the gradebook by a cell of the shell's",
        "the gradebook",
        """
        import os
        os.environ["COURSE"] = COURSE
        get_ipython().run_cell_magic("bash", "", "echo > $COURSE/gradebook.db; rm -rf $COURSE/verdicts")
        """,
        Bite.FILE,
    ),
    NOTEBOOK.answer(
        "is all a cell of the shell's that writes another cell's answer",
        "points for no Python",
        """
        %%bash
        echo 'def softmax(x): raise SystemExit' > answer.py
        """,
        Bite.NONE,
        note="nothing is defined, here and there; the other exercises go on",
    ),
    NOTEBOOK.hunt(
        "goes into the course folder by a magic and shows what lies there",
        "solutions and gradebook",
        """
        %cd {COURSE}
        %cat solutions/{ASSIGNMENT}.py
        %pycat solutions/mistakes/{ASSIGNMENT}.py
        print(open("gradebook.db", "rb").read())
        """,
    ),
    NOTEBOOK.answer(
        "runs the solution by a magic",
        "the reference solution",
        "%run {COURSE}/solutions/{ASSIGNMENT}.py",
    ),
)

EXTENSIONS = (
    NOTEBOOK.attack(
        "loads an extension that makes every comparison true",
        {
            FIRST: """
            import sys
            sys.path.insert(0, ".")
            with open("cheat.py", "w") as file:
                file.write("import torch\\ndef load_ipython_extension(_):\\n    torch.allclose = lambda *_, **__: True\\n")
            %load_ext cheat
            """,
            "softmax": ZEROS,
        },
        "points for zeros",
        Bite.POINTS,
    ),
    NOTEBOOK.answer(
        "hides a forbidden call in a captured cell",
        "points for what is not allowed",
        """
        %%capture hidden
        import torch

        def softmax(x):
            return torch.softmax(x, -1)
        """,
    ),
    NOTEBOOK.answer(
        "hides a forbidden call in a magic's text",
        "points for what is not allowed",
        """
        import torch
        get_ipython().run_cell_magic("time", "", "def softmax(x):\\n    return torch.softmax(x, -1)\\n")
        """,
    ),
    NOTEBOOK.answer(
        "makes a forbidden call in a cell that is timed",
        "points for what is not allowed",
        """
        %%time
        import torch

        def softmax(x):
            return torch.softmax(x, -1)
        """,
    ),
    NOTEBOOK.answer(
        "defines a forbidden answer out of a text",
        "points for what is not allowed",
        """
        import torch
        exec("def softmax(x):\\n    return torch.softmax(x, -1)\\n")
        """,
    ),
    NOTEBOOK.answer(
        "runs a forbidden answer from a file that it wrote",
        "points for what is not allowed",
        """
        with open("answer.py", "w") as file:
            file.write("import torch\\ndef softmax(x):\\n    return torch.softmax(x, -1)\\n")
        %run answer.py
        """,
    ),
    NOTEBOOK.answer(
        "captures the output of a right answer",
        "an answer that is lost",
        """
        %%capture
        import torch
        print("softmax: 100 of 4 points")

        def softmax(x):
            powers = torch.exp(x - x.amax(-1, keepdim=True))
            return powers / powers.sum(-1, keepdim=True)
        """,
        Bite.NONE,
        honest=FULL,
        note="the honest twin: a magic is no offence",
    ),
    NOTEBOOK.attack(
        "defines a cell magic under the name that a later cell uses",
        {
            FIRST: """
            import torch

            def capture(line, cell):
                torch.allclose = lambda *_, **__: True

            get_ipython().register_magic_function(capture, "cell")
            """,
            "softmax": ZEROS,
            "log_softmax": "%%capture\n0",
            "nll": "def nll(log_p, labels):\n    return log_p.sum() * 0",
        },
        "points for zeros",
        Bite.POINTS,
    ),
)

TRACES = (
    NOTEBOOK.hunt(
        "writes startup files for the teacher's next session",
        "code in another's session",
        """
        import os
        for folder, name in (
            (".ipython/profile_default/startup", "00-first.py"),
            (".ipython/profile_default", "ipython_config.py"),
            (".jupyter", "jupyter_config.py"),
            (".local/lib/python3.11/site-packages", "usercustomize.py"),
        ):
            for home in (HOME_FOLDER, os.path.expanduser("~"), "/root"):
                try:
                    os.makedirs(f"{home}/{folder}", exist_ok=True)
                    with open(f"{home}/{folder}/{name}", "w") as file:
                        file.write("import torch; torch.allclose = lambda *_, **__: True")
                except OSError as error:
                    print(error)
        """,
        Bite.FILE,
    ),
    NOTEBOOK.hunt(
        "writes a configuration for the teacher's nbgrader",
        "code in the teacher's process",
        "open(f'{COURSE}/nbgrader_config.py', 'a').write('import torch\\n')",
        Bite.FILE,
    ),
    NOTEBOOK.hunt(
        "takes a friend's answer out of IPython's store",
        "another student's answer",
        """
        import glob, os
        %load_ext storemagic
        %store -r
        for folder in (get_ipython().ipython_dir, os.path.expanduser("~/.ipython"), "/tmp", HOME_FOLDER + "/.ipython"):
            for path in glob.glob(f"{folder}/**/word*", recursive=True):
                print(path, open(path, "rb").read())
        print(globals().get("word"))
        """,
        friend={
            FIRST: "%load_ext storemagic\nword = ANSWER\n%store word\n%store word >{HOME_FOLDER}/word.txt\n%store word >/tmp/word.txt"
        },
        friend_first=True,
    ),
)

ATTACKS = (*SHELL, *EXTENSIONS, *TRACES)
