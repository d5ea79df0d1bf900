"""Run `authpip ARGUMENTS` once for each function it calls, with an exception out of that; for a test's child process.

Usage: python launch_and_raise.py ERROR ARGUMENTS…; prints one line of JSON for each function:
[name of the function, exit status, all that was said]. Nothing is started: becoming pip ends the run with status 0.
"""

import io
import json
import os
import sys
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
ERRORS = {"RuntimeError": RuntimeError("boom"), "OSError": OSError(5, "boom"), "ValueError": ValueError("boom")}


def main():
    from raiser import Raiser

    error, arguments = ERRORS[sys.argv[1]], sys.argv[2:]
    counting = Raiser(os.sep + "authpip" + os.sep, lambda number, name: False, error)
    in_a_child(arguments, counting, sys.stdout)


def in_a_child(arguments, raiser, out):
    """List the calls in one fork, then raise out of the first one of each function in a fork of its own."""
    from raiser import Raiser

    names = json.loads(fork(lambda: json.dumps([run(arguments, raiser), raiser.calls])))[1]
    for name in dict.fromkeys(names):
        wanted = names.index(name)
        one = Raiser(raiser.part, lambda number, _, wanted=wanted: number == wanted, raiser.error)
        status, said = json.loads(fork(lambda one=one: json.dumps(run(arguments, one))))
        print(json.dumps([name, status, said]), file=out, flush=True)


def run(arguments, raiser):
    """(exit status, stdout and stderr) of one run in this process, tracebacks and reprs of what escapes included."""
    from authpip import cli

    sys.orig_argv = [sys.executable, "-m", "authpip"]
    said = sys.stdout = sys.stderr = io.StringIO()
    os.execve = lambda *_: (_ for _ in ()).throw(SystemExit(0))
    try:
        raiser.install()
        status = cli.run(arguments, called_as="-m")
    except SystemExit as ending:
        status = ending.code
    except BaseException as failure:
        traceback.print_exc(file=said)
        said.write(repr(failure))
        status = "escaped"
    finally:
        sys.setprofile(None)
    return status, said.getvalue()


def fork(work):
    """What work() returns, from a child that is gone afterwards."""
    read, write = os.pipe()
    if os.fork() == 0:
        with os.fdopen(write, "w") as pipe:
            pipe.write(work())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        answer = pipe.read()
    os.wait()
    return answer


if __name__ == "__main__":
    main()
