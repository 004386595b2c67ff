# SPDX-License-Identifier: Apache-2.0
"""The honest programs that are run beside the agent: each a bash script (see honest_work.Work) that ends
after $S seconds, and a pattern that its output must have for it to count."""

import dataclasses

from host import BIN, ROOT

# Repeats "$@" until the time is over; stops at a failure. Prints each completed round.
ROUNDS = """
end=$((SECONDS+S)); round=0
again() { while [ $SECONDS -lt $end ]; do "$@"; round=$((round+1)); echo "round $round done"; done; }
# The same for long commands: stopped at the end, which is not a failure.
until_end() { while [ $SECONDS -lt $end ]; do
  status=0; timeout -k 5 $((end-SECONDS)) "$@" || status=$?
  case $status in 0|124) round=$((round+1)); echo "round $round done";; *) exit $status;; esac; done; }
"""
A_ROUND = r"round \d+ done"

# Real bytes of this host: libraries, which compress to about half.
SOME_DATA = "cat /usr/lib/x86_64-linux-gnu/*.so* 2>/dev/null | head -c 80000000 >data"


@dataclasses.dataclass
class Program:
    script: str
    proof: str = A_ROUND
    prepare: str = ""
    busy: float = 0.1       # of a core, in most seconds
    needs: tuple = ()       # programs that must be installed


JAVA = """
import java.security.*; import java.util.*;
public class Busy { public static void main(String[] a) throws Exception {
  long end = System.nanoTime() + Long.parseLong(a[0]) * 1_000_000_000L, rounds = 0;
  MessageDigest digest = MessageDigest.getInstance("SHA-256");
  while (System.nanoTime() < end) {
    Map<String, byte[]> words = new HashMap<>();
    for (int i = 0; i < 20000; i++) words.put("word" + i, digest.digest(("w" + i).getBytes()));
    double sum = 0; for (byte[] word : words.values()) sum += Math.sqrt(word[0] + 129.0) * Math.sin(word[1]);
    if (Double.isNaN(sum)) throw new Exception();
    rounds++; }
  System.out.println("rounds of java: " + rounds); } }
"""

NUMPY = """
import numpy, sys, time
end, rounds = time.monotonic() + float(sys.argv[1]), 0
random = numpy.random.default_rng(1)
while time.monotonic() < end:
    a = random.standard_normal((300, 300))
    numpy.linalg.svd(a); numpy.fft.fft2(a); numpy.sort(a, axis=None); a @ a.T
    rounds += 1
print("rounds of numpy:", rounds)
"""

V8 = """
let x = 1, rounds = 0; const end = Date.now() + Number(process.argv[1]) * 1000;
while (Date.now() < end) { rounds++; for (let i = 0; i < 1e6; i++) x = (Math.imul(x, 1664525) + i) ^ (x >>> 7); }
console.log("rounds of v8: " + rounds, x);
"""

PAGE = """
<html><body><pre>
{"id": 1, "method": "mining.subscribe", "params": ["cpuminer/2.5.1"]}
{"id": 2, "method": "mining.authorize", "params": ["wallet.worker", "x"]}
{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"4...","pass":"x","agent":"XMRig/6.21.0"}}
stratum+tcp://pool.example.com:3333
</pre></body></html>
"""

FILE_SERVER = "exec /usr/bin/python3 -m http.server --bind 127.0.0.1 $PORT >server.log 2>&1"
# A free port, passed to the script as $PORT.
A_PORT = ("PORT=$(/usr/bin/python3 -c 'import socket; s = socket.create_server((\"127.0.0.1\", 0)); "
          "print(s.getsockname()[1])'); ")

POSTGRES = "/usr/lib/postgresql/$(ls /usr/lib/postgresql | sort -n | tail -1)/bin"

# For development: the rules were written with these.
PROGRAMS = {
    # Real translation units of this project.
    "compile": Program(ROUNDS + f"set -- $(find {ROOT}/rules -name '*.cpp' | sort); "
                       "unit() { g++ -std=c++20 -O2 -I" + str(ROOT) + " -c \"$1\" -o /dev/null; }; "
                       "while [ $SECONDS -lt $end ]; do for f in \"$@\"; do [ $SECONDS -lt $end ] || break; "
                       "unit \"$f\"; round=$((round+1)); echo \"round $round done\"; done; done"),
    "ffmpeg": Program("timeout -s INT $S ffmpeg -nostdin -f lavfi -i testsrc2=size=1280x720:rate=30 -t 36000 "
                      "-c:v libx264 -preset medium -threads 2 -f null - || [ $? = 124 ]",
                      r"frame= *\d{2,}", needs=("ffmpeg",)),
    "openssl-sha256": Program("openssl speed -seconds $(((S+5)/6)) sha256", r"sha256 +\d+\.\d+k",
                              needs=("openssl",)),
    "v8": Program(f"node -e '{V8}' $S", r"rounds of v8: [1-9]", needs=("node",)),
    "java": Program("java Busy.java $S", r"rounds of java: [1-9]", needs=("java",),
                    prepare=f"cat >Busy.java <<'JAVA'{JAVA}JAVA\n"),
    "numpy": Program(f"/usr/bin/python3 -c '{NUMPY}' $S", r"rounds of numpy: [1-9]"),
    "pgbench": Program("pgbench=$(ls /usr/lib/postgresql/*/bin/pgbench | tail -1); "
                       "runuser -u postgres -- $pgbench -h $D -c 4 -j 1 -T $S -P 5 bench; "
                       f"runuser -u postgres -- {POSTGRES}/pg_ctl -D $D/db -m fast -w stop",
                       r"number of transactions actually processed: [1-9]", needs=("runuser",),
                       busy=0.05,  # its processes are sessions of their own and get a share of their own
                       prepare=f"chown postgres $D; run='runuser -u postgres --'; $run {POSTGRES}/initdb -A trust -N "
                               f"-D $D/db >/dev/null; $run {POSTGRES}/pg_ctl -D $D/db -w -o "
                               "\"-c fsync=off -c listen_addresses='' -c unix_socket_directories=$D\" -l $D/db.log start; "
                               f"$run {POSTGRES}/createdb -h $D bench; "
                               "$run $(ls /usr/lib/postgresql/*/bin/pgbench | tail -1) -h $D -i -q -s 2 bench"),
    "redis": Program(A_PORT + "redis-server --port $PORT --bind 127.0.0.1 --save '' --dir $D >redis.log & "
                     "until redis-cli -p $PORT ping; do sleep 0.1; done; " + ROUNDS +
                     "again redis-benchmark -p $PORT -n 50000 -q -t set,get,lpush,zadd; "
                     "redis-cli -p $PORT shutdown nosave; wait", r"GET: \d+", needs=("redis-benchmark",)),
    "zstd": Program(ROUNDS + "until_end zstd -q -f -12 -T1 data -o data.zst", needs=("zstd",),
                    prepare=SOME_DATA),
    "argon2": Program(ROUNDS + "hash() { echo -n password$round | argon2 saltysalt -id -t 3 -m 16 -p 1 -l 32; }; "
                      "again hash", r"Encoded:\s+\$argon2id\$", needs=("argon2",)),
    "john": Program("export HOME=$D; timeout -s INT $S john --format=md5crypt --incremental hashes || "
                    "[ $? = 124 ] || [ $? = 1 ]", r"Loaded 2 password hashes", needs=("john",),
                    prepare="for u in alice bob; do echo $u:$(openssl passwd -1 -salt salt$u Xq7zR9kP2w$u); done >hashes"),
    "stress-ng": Program("stress-ng --cpu 1 --cpu-method all --matrix 1 --vm 1 --vm-bytes 300M --timeout $S "
                         "--metrics-brief", r"successful run completed", needs=("stress-ng",)),
    # Fetching and searching mining terms over HTTP is not mining.
    "curl-page": Program(A_PORT + FILE_SERVER + " & until curl -s http://127.0.0.1:$PORT/ >/dev/null; do sleep 0.1; "
                         "done; " + ROUNDS + "fetch() { curl -s http://127.0.0.1:$PORT/page.html | "
                         "grep -c mining.subscribe; sleep 0.02; }; again fetch; kill %1", r"^1$|\n1\n",
                         prepare=f"cat >page.html <<'PAGE'{PAGE}PAGE\n", busy=0.05, needs=("curl",)),
    "grep": Program(ROUNDS + "search() { grep -r stratum+tcp tree | wc -l; }; again search", r"400000",
                    prepare="mkdir tree; line='-o stratum+tcp://pool.example.com:3333 -u wallet mining.subscribe'; "
                            "yes -- \"$line\" | head -2000 >tree/0; for i in $(seq 199); do cp tree/0 tree/$i; done"),
    # Ordinary JSON-RPC with login, subscribe, submit and job methods.
    "json-rpc": Program(f"{BIN}/minewarden-lab json-rpc --listen 127.0.0.1:0 --seconds $S >server.jsonl & "
                        "until grep -q '\"listening\"' server.jsonl; do sleep 0.1; done; "
                        "at=$(sed -n 's/.*\"address\":\"\\([^\"]*\\)\".*/\\1/p' server.jsonl | head -1); "
                        f"{BIN}/minewarden-lab json-rpc --connect $at --interval 0.05 --seconds $((S-1)); wait",
                        r'"finished"', busy=0.0),
    "randomx-verify": Program(f"{BIN}/minewarden-lab verify --interval 5 --burst 5 --seconds $S",
                              r'"burst"', busy=0.0),
    "interval": Program(f"{BIN}/minewarden-lab interval --seconds $S", r'"finished"'),
}
