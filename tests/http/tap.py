"""Checks that print themselves as TAP (testanything.org): "ok 1 - what was checked"."""

import traceback

count = failed = 0


def check(what, got, expected=True):
    """One check: `got` equals `expected`, or satisfies it if it is a function."""
    global count, failed
    count += 1
    good = expected(got) if callable(expected) else got == expected
    print(f"{'ok' if good else 'not ok'} {count} - {what}", flush=True)
    if not good:
        failed += 1
        wanted = "something else" if callable(expected) else repr(expected)
        print(f"#   got {got!r}, expected {wanted}", flush=True)


def run(*tests):
    """Runs test functions; one that throws is a failed check of its own."""
    for test in tests:
        print(f"# {test.__name__}: {test.__doc__.splitlines()[0]}", flush=True)
        try:
            test()
        except Exception:
            traceback.print_exc()
            check(f"{test.__name__} runs to its end", False)


def finish():
    print(f"1..{count}", flush=True)
    return 1 if failed else 0
