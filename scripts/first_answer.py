"""``first_answer.py LIFANG --data D --port P``: starts ``lifang up``, waits for a 200 of ``/healthz``, ends it.

Exit status 0 if it answered within 180 s and every process ended within 20 s of SIGTERM.
"""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request


def main() -> int:
    lifang, *rest = sys.argv[1:]
    port = rest[rest.index("--port") + 1]
    began = time.monotonic()
    process = subprocess.Popen([lifang, "up", *rest], start_new_session=True)
    try:
        while time.monotonic() - began < 180 and process.poll() is None:
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/healthz", timeout=5
                ) as answer:
                    print(f"{answer.status} after {time.monotonic() - began:.1f} s")
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
                        print(f"front page: {page.status}, {len(page.read())} bytes")
                    break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        else:
            print("no answer")
            return 1
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=20)
    print(f"ended with status {status}")
    return 0 if status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
