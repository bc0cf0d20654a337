"""Runs a script for question after question, and imports what it imports once.

    serve.py SCRIPT

A question is a line of JSON on file descriptor 3: the names of the files that are the script's standard
input, output and error output. The script runs in a process of its own, which begins with all that the
script imports at its top, and a line on file descriptor 4 says how it ended: 0 where all went well.
"""
import ast
import json
import os
import runpy
import sys
import traceback

script = sys.argv[1]
sys.argv = [script]
sys.path[0] = os.path.dirname(os.path.abspath(script))


def load():
    """Imports what the script would. What fails here fails there as well, and is told with its question."""
    with open(script) as f:
        for node in ast.parse(f.read(), script).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                try:
                    exec(compile(ast.Module([node], []), script, "exec"), {"__name__": "loaded"})
                except Exception:
                    return


def answer(names):
    """Runs the script in this process, which ends with it."""
    status = 1
    try:
        for fd, (name, flags) in enumerate(zip(names, [os.O_RDONLY] + 2 * [os.O_WRONLY | os.O_CREAT | os.O_TRUNC])):
            opened = os.open(name, flags, 0o600)
            os.dup2(opened, fd)
            os.close(opened)
        sys.stdin, sys.stdout, sys.stderr = open(0, closefd=False), open(1, "w", closefd=False), open(2, "w", closefd=False)
        runpy.run_path(script, run_name="__main__")
        status = 0
    except SystemExit as e:
        status = e.code if isinstance(e.code, int) else int(e.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


load()
with open(3) as questions, open(4, "w") as ends:
    for line in questions:
        child = os.fork()
        if child == 0:
            answer(json.loads(line))
        ends.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        ends.flush()
