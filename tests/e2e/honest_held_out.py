# SPDX-License-Identifier: Apache-2.0
"""Honest workloads close to mining, chosen before any of them was run beside the agent (results of the first
run: tests/lab/README.md). Format: honest_programs.py."""

from honest_programs import A_PORT, A_ROUND, ROUNDS, SOME_DATA, Program

# A service that stores passwords well: scrypt (which Litecoin uses as proof of work), 16 MiB each.
SCRYPT_SERVER = """
import hashlib, http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        password = self.rfile.read(int(self.headers["Content-Length"]))
        digest = hashlib.scrypt(password, salt=os.urandom(16), n=16384, r=8, p=1).hex().encode()
        self.send_response(200); self.send_header("Content-Length", str(len(digest))); self.end_headers()
        self.wfile.write(digest)
    def log_message(self, *arguments): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

# Tests a mathematical library in all four rounding modes, repeatedly: directed results must enclose the
# nearest one.
ROUNDING_TEST = """
#include <cfenv>
#include <cmath>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>
int main(int, char** a) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(a[1]));
  std::vector<double> table(std::size_t(std::atoi(a[2])) << 17);
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = double(i) + 0.1;
  const int modes[4] = {FE_DOWNWARD, FE_TONEAREST, FE_UPWARD, FE_TOWARDZERO};
  unsigned long rounds = 0, at = 0;
  while (std::chrono::steady_clock::now() < end) {
    for (int n = 0; n < 5000; ++n, at = (at * 1664525 + 1013904223) % table.size()) {
      volatile double x = table[at], result[4];
      for (int i = 0; i < 4; ++i) { std::fesetround(modes[i]); result[i] = std::sqrt(x) / 3.0 + x * 0.1; }
      std::fesetround(FE_TONEAREST);
      if (result[0] > result[1] || result[1] > result[2] || result[3] != result[0]) std::abort();
    }
    ++rounds;
  }
  std::printf("rounds of rounding: %lu\\n", rounds);
}
"""

# Accuracy of numpy's own loops in each rounding mode, 20 ms or so in each.
NUMPY_MODES = """
import ctypes, numpy, sys, time
libm = ctypes.CDLL("libm.so.6")
end, rounds = time.monotonic() + float(sys.argv[1]), 0
x = numpy.linspace(1, 2, 2_000_000)
while time.monotonic() < end:
    sums = []
    for mode in (0x400, 0, 0x800, 0xc00):
        libm.fesetround(mode); sums.append(float((numpy.sqrt(x) * 0.1).sum()))
    libm.fesetround(0)
    assert sums[0] <= sums[1] <= sums[2], sums
    rounds += 1
print("rounds of numpy modes:", rounds)
"""

HELD_OUT = {
    "sha256sum": Program(ROUNDS + "again sha256sum data", prepare=SOME_DATA),
    "git-repack": Program(ROUNDS + "until_end git -C repo repack -q -a -d -f --depth=50 --window=100", needs=("git",),
                          prepare="git init -q repo; cd repo; git config user.email a@b; git config user.name a; "
                                  "cp -r /usr/include/c++ .; git add .; git commit -qm 1; "
                                  "find . -name '*.h' -exec sed -i 's/std/sdt/' {} +; git commit -qam 2"),
    "openssl-rsa": Program("openssl speed -seconds $((S/4)) rsa2048 ecdsap256", r"rsa 2048 bits +\d", needs=("openssl",)),
    "xz": Program(ROUNDS + "until_end xz -k -f -6 -T1 data", prepare=SOME_DATA, needs=("xz",)),
    "scrypt-server": Program(A_PORT + "/usr/bin/python3 server.py $PORT & "
                             "until curl -s -o /dev/null -d x http://127.0.0.1:$PORT/; do sleep 0.1; done; " + ROUNDS +
                             "again curl -sS -o /dev/null -d secret http://127.0.0.1:$PORT/; kill %1", A_ROUND,
                             prepare=f"cat >server.py <<'PYTHON'{SCRYPT_SERVER}PYTHON\n", needs=("curl",)),
    "rounding-test": Program("./rounding $S 1", r"rounds of rounding: [1-9]",
                             prepare=f"cat >rounding.cpp <<'CPP'{ROUNDING_TEST}CPP\n"
                                     "g++ -std=c++20 -O1 -frounding-math rounding.cpp -o rounding"),
    # The same with a table of 400 MiB, as large as that of RandomX.
    "rounding-table": Program("./rounding $S 400", r"rounds of rounding: [1-9]",
                              prepare=f"cat >rounding.cpp <<'CPP'{ROUNDING_TEST}CPP\n"
                                      "g++ -std=c++20 -O1 -frounding-math rounding.cpp -o rounding"),
    "numpy-modes": Program(f"/usr/bin/python3 -c '{NUMPY_MODES}' $S", r"rounds of numpy modes: [1-9]"),
}
