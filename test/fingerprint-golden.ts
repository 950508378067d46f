export interface GoldenPair {
  one: string
  other: string
}

// One error a line. ⏎ is a line feed, ␛ an escape, ´ a backtick. A blank line ends a group.
const corpus = String.raw`
ENOENT: no such file or directory, open '/home/ann/app/config.json'
ENOENT: no such file or directory, open 'C:\Users\Ann Smith\app\config.json'
ENOENT: no such file or directory, open './other.yaml'

ENOENT: no such file or directory, stat '/home/ann/app/config.json'
ENOENT: no such file or directory, stat '/srv/b'

EACCES: permission denied, open '/etc/shadow'
EACCES: permission denied, open '/root/x y/z'

Error: Cannot find module 'lodash'
Error: Cannot find module 'lodash'⏎Require stack:⏎- /home/ann/a.js⏎    at Module._resolveFilename (node:internal/modules/cjs/loader:1147:15)⏎    at Module._load (node:internal/modules/cjs/loader:985:27)
node:internal/modules/cjs/loader:1147⏎  throw err;⏎  ^⏎⏎Error: Cannot find module 'lodash'⏎Require stack:⏎- /x/b.js⏎    at Module._resolveFilename (node:internal/modules/cjs/loader:1147:15)

Error: Cannot find module 'express'

Error: Cannot find module '@scope/lodash'

Error: Cannot find module './local/file'
Error: Cannot find module '../../other'
Error: Cannot find module '/abs/other.js'

Traceback (most recent call last):⏎  File "/app/x.py", line 3, in <module>⏎    import yaml⏎ModuleNotFoundError: No module named 'yaml'
Traceback (most recent call last):⏎  File "/srv/other.py", line 99, in main⏎    import yaml⏎ModuleNotFoundError: No module named 'yaml'⏎
Exit code 1⏎Traceback (most recent call last):⏎  File "<stdin>", line 1, in <module>⏎ModuleNotFoundError: No module named 'yaml'

ModuleNotFoundError: No module named 'requests'

Traceback (most recent call last):⏎  File "a.py", line 1, in f⏎    d['k']⏎KeyError: 'k'⏎⏎During handling of the above exception, another exception occurred:⏎⏎Traceback (most recent call last):⏎  File "a.py", line 3, in g⏎    raise ValueError("no k")⏎ValueError: no k
ValueError: no k

Traceback (most recent call last):⏎  File "a.py", line 1, in f⏎    d['k']⏎KeyError: 'k'
  Traceback (most recent call last):⏎    File "b.py", line 2, in f⏎      d['k']⏎  KeyError: 'k'

KeyError: 'other'

json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
json.decoder.JSONDecodeError: Expecting value: line 12 column 5 (char 300)

  File "/a/b.py", line 3⏎    x = = 1⏎        ^⏎SyntaxError: invalid syntax
  File "c.py", line 44⏎    def⏎       ^⏎SyntaxError: invalid syntax

sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection to server at "127.0.0.1", port 5432 failed: Connection refused
sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection to server at "10.1.2.3", port 6543 failed: Connection refused

=== FAILURES ===⏎E       AssertionError: assert 3 == 4⏎E        +  where 3 = f(1)⏎a.py:3: AssertionError
E   AssertionError: assert 17 == 20⏎b/test_x.py:30: AssertionError

E       fixture 'db' not found
E   fixture 'db' not found

FAILED tests/test_a.py::test_one
FAILED other/test_b.py::test_one

bash: line 1: timeout: command not found
bash: line 7: timeout: command not found
/bin/bash: line 1: timeout: command not found

bash: line 1: gtimeout: command not found

zsh: command not found: timeout

/bin/sh: 1: timeout: not found
/bin/sh: 12: timeout: not found
/usr/bin/sh: 3: timeout: not found

ls: cannot access '/tmp/a': No such file or directory
ls: cannot access ‘/var/lib/b c’: No such file or directory
ls: cannot access '/tmp/with space/x.txt': No such file or directory
␛[31mls: cannot access '/tmp/a': No such file or directory␛[0m

sed: can't read /tmp/a: No such file or directory
sed: can't read src/b.ts: No such file or directory

cat: /tmp/a: No such file or directory
cat: src/lib/b.txt: No such file or directory
cat: /Users/Ann Smith/notes/a.txt: No such file or directory

cat: /tmp/a: Permission denied

cat: /tmp/a: Is a directory

ls: Zugriff auf '/tmp/a' nicht möglich: Datei oder Verzeichnis nicht gefunden
ls: Zugriff auf '/srv/b' nicht möglich: Datei oder Verzeichnis nicht gefunden

ls: impossible d'accéder à '/tmp/a': Aucun fichier ou dossier de ce type
ls: impossible d'accéder à '/home/b': Aucun fichier ou dossier de ce type

ls: no se puede acceder a '/tmp/a': No existe el archivo o el directorio
ls: no se puede acceder a '/b': No existe el archivo o el directorio

ls: невозможно получить доступ к '/tmp/a': Нет такого файла или каталога
ls: невозможно получить доступ к '/b/c': Нет такого файла или каталога

ls: '/tmp/a' にアクセスできません: そのようなファイルやディレクトリはありません
ls: '/b' にアクセスできません: そのようなファイルやディレクトリはありません

错误：找不到文件 '/tmp/a'
错误：找不到文件 '/b/c.txt'

Fehler: Verbindung zu 10.0.0.1:80 nach 30 Sekunden abgebrochen
Fehler: Verbindung zu 10.0.0.7:443 nach 5 Sekunden abgebrochen

Request failed with status code 404 after 3120ms
Request failed with status code 404 after 2.5s

Request failed with status code 500 after 12ms
Request failed with status code 500 after 3 seconds

Request failed with status code 503 after 12ms

AxiosError: timeout of 5000ms exceeded
AxiosError: timeout of 30000ms exceeded⏎    at a (/x/b.js:1:2)

GET https://api.github.com/repos/a/b?page=2 404 Not Found
GET https://api.github.com/users/ann 404 Not Found
GET https://uploads.github.com:443/x 404 Not Found

GET https://api.github.com/repos/a/b 403 Forbidden

GET https://packages.example.org/left-padd 404 Not Found

fetch failed: http://localhost:3000/api/users
fetch failed: http://127.0.0.1:8080/
fetch failed: http://localhost/other?x=1

fetch failed: https://example.com/api
fetch failed: https://www.example.com/other

Error: connect ECONNREFUSED 127.0.0.1:5432
Error: connect ECONNREFUSED ::1:5432
Error: connect ECONNREFUSED 10.0.0.7:6379⏎    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)

Error: connect ETIMEDOUT 127.0.0.1:5432
Error: connect ETIMEDOUT 93.184.216.34:443

Error: listen EADDRINUSE: address already in use :::3000
Error: listen EADDRINUSE: address already in use :::8080

Error: getaddrinfo ENOTFOUND db.internal
Error: getaddrinfo ENOTFOUND db.internal⏎    at GetAddrInfoReqWrap.onlookupall [as oncomplete] (node:dns:120:26)

curl: (7) Failed to connect to localhost port 3000 after 0 ms: Couldn't connect to server
curl: (7) Failed to connect to localhost port 8081 after 12 ms: Couldn't connect to server

curl: (28) Operation timed out after 5001 milliseconds with 0 bytes received
curl: (28) Operation timed out after 30000 milliseconds with 17 bytes received

API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_011CSHoEeqs5C35K2UUqR7Fy"}
API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_011CTabcdefghijkLMNOPqrs"}

API Error: 500 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_011CSHoEeqs5C35K2UUqR7Fy"}

User 019982b8-3422-79e0-8b3b-05abaf4f3c3e does not exist
User 7D9F1A2B-0000-4C3D-9E8F-0123456789AB does not exist

User 17 does not exist
User 4242 does not exist

Order 01JDN9K2V7Q8Z4M3T5W6X7Y8Z9 not found
Order 01JDN9K2V7AAAAM3T5W6X7Y000 not found

No session with id sess_a8Fk39dkLmQ2
No session with id sess_Zz81hfUw0aPq

Tool call toolu_01A09q90qw90lq917835lq9 has no result
Tool call toolu_01Bx7kQwErTyUiOpAsDfGhJk has no result

fatal: bad object a1b2c3d
fatal: bad object 9f8e7d6c5b4a39281706f5e4d3c2b1a098765432
fatal: bad object 0f1e2d3

fatal: not a git repository (or any of the parent directories): .git

error: pathspec 'feature/login' did not match any file(s) known to git

error: Your local changes to the following files would be overwritten by merge:⏎	src/a.ts
error: Your local changes to the following files would be overwritten by merge:⏎	lib/b/c.ts

CONFLICT (content): Merge conflict in src/a.ts
CONFLICT (content): Merge conflict in packages/web/b.tsx

src/a.ts(3,4): error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.
lib/deep/b.tsx(120,44): error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.
src/a.ts:3:4 - error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.
app/(protected)/[id]/page.tsx(1,1): error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.

src/a.ts(3,4): error TS2345: Argument of type 'string' is not assignable to parameter of type 'boolean'.

src/a.ts(3,4): error TS2322: Type 'string' is not assignable to type 'number'.

src/a.ts(3,4): error TS2304: Cannot find name 'foo'.
src/b.ts(99,1): error TS2304: Cannot find name 'foo'.

src/a.ts(3,4): error TS2304: Cannot find name 'bar'.

error[E0382]: borrow of moved value: ´x´⏎ --> src/main.rs:5:20
   Compiling app v0.1.0 (/home/ann/app)⏎error[E0382]: borrow of moved value: ´x´⏎  --> src/lib.rs:99:1⏎error: could not compile ´app´ (bin "app") due to 1 previous error

error[E0499]: cannot borrow ´x´ as mutable more than once at a time⏎ --> src/main.rs:5:20

thread 'main' panicked at src/main.rs:4:5:⏎index out of bounds: the len is 3 but the index is 99
thread 'tokio-runtime-worker' (81231) panicked at src/a/b.rs:40:15:⏎index out of bounds: the len is 12 but the index is 12⏎note: run with RUST_BACKTRACE=1
thread 'main' panicked at 'index out of bounds: the len is 3 but the index is 4', src/main.rs:4:5

thread 'main' panicked at src/main.rs:4:5:⏎called ´Option::unwrap()´ on a ´None´ value
thread 'x' panicked at 'called ´Option::unwrap()´ on a ´None´ value', src/x.rs:1:1

panic: runtime error: index out of range [5] with length 3⏎⏎goroutine 1 [running]:⏎main.main()⏎	/home/ann/main.go:8 +0x1d
panic: runtime error: index out of range [17] with length 2⏎⏎goroutine 33 [running]:

panic: runtime error: invalid memory address or nil pointer dereference⏎[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f0a1]
panic: runtime error: invalid memory address or nil pointer dereference⏎[signal SIGSEGV: segmentation violation code=0x2 addr=0x8 pc=0x1234]

# example.com/app⏎./main.go:10:2: undefined: foo
# example.com/app/x⏎internal/x/y.go:99:14: undefined: foo

./main.go:10:2: undefined: bar

--- FAIL: TestParse (0.00s)⏎    parse_test.go:12: got 1, want 2
--- FAIL: TestParse (1.20s)⏎    parse_test.go:14: got 7, want 2⏎FAIL⏎FAIL	example.com/app	1.3s

--- FAIL: TestWrite (0.00s)⏎    parse_test.go:12: got 1, want 2

Exception in thread "main" java.lang.RuntimeException: wrapped⏎	at a.B.c(B.java:12)⏎Caused by: java.sql.SQLException: Connection refused⏎	at d.E.f(E.java:3)
Exception in thread "pool-3-thread-7" java.lang.IllegalStateException: other⏎	at a.B.c(B.java:99)⏎Caused by: java.io.IOException: mid⏎	at x.Y.z(Y.java:1)⏎Caused by: java.sql.SQLException: Connection refused⏎	... 7 more

Exception in thread "main" java.lang.NullPointerException: Cannot invoke "String.length()" because "s" is null⏎	at a.B.c(B.java:12)
Exception in thread "worker-4" java.lang.NullPointerException: Cannot invoke "String.length()" because "s" is null⏎	at a.B.d(B.java:77)

Unhandled exception. System.IO.FileNotFoundException: Could not find file '/a/b.txt'.⏎   at A.B.C() in /src/x.cs:line 12
Unhandled exception. System.IO.FileNotFoundException: Could not find file 'C:\Users\ann\c.txt'.⏎   at A.B.D() in C:\x.cs:line 99

Program.cs(3,5): error CS0103: The name 'foo' does not exist in the current context [/a/b.csproj]
src/Other.cs(13,15): error CS0103: The name 'foo' does not exist in the current context [/c/d.csproj]

main.c:3:5: error: expected ';' before '}' token
src/other.c:99:1: error: expected ';' before '}' token
/home/ann/x.c:1:1: error: expected ‘;’ before ‘}’ token

main.c:(.text+0x1d): undefined reference to 'foo'
main.c:(.text+0x2a4): undefined reference to 'foo'

make: *** [Makefile:12: all] Error 2
make: *** [Makefile:40: all] Error 2

make: *** [Makefile:12: all] Error 127

make: *** No rule to make target 'deploy'.  Stop.

npm error code ENOENT⏎npm error syscall open⏎npm error path /home/ann/package.json⏎npm error errno -2
npm ERR! code ENOENT⏎npm ERR! syscall open⏎npm ERR! path /srv/x/package.json⏎npm ERR! errno -2⏎npm ERR! A complete log of this run can be found in: /root/.npm/_logs/2025-01-01T00_00_00_000Z-debug-0.log
npm warn deprecated a@1.0.0: no longer supported⏎npm error code ENOENT⏎npm error syscall open

npm error code ERESOLVE⏎npm error ERESOLVE unable to resolve dependency tree

npm error Missing script: "lint"⏎npm error⏎npm error To see a list of scripts, run:⏎npm error   npm run

npm error Missing script: "tset"⏎npm error⏎npm error To see a list of scripts, run:

● parser › reads an empty file⏎⏎    expect(received).toBe(expected)
  ● parser › reads an empty file⏎⏎    expect(received).toBe(expected) // Object.is equality

● parser › reads a long file⏎⏎    expect(received).toBe(expected)

● Test suite failed to run⏎⏎    Cannot find module 'zod' from 'src/a.ts'
● Test suite failed to run⏎⏎    Cannot find module 'zod' from 'lib/x/b.ts'

TypeError: Cannot read properties of undefined (reading 'map')⏎    at f (/a/b.js:1:2)
/a/b.js:1⏎x.map()⏎  ^⏎⏎TypeError: Cannot read properties of undefined (reading 'map')⏎    at Object.<anonymous> (/c/d.js:99:1)⏎⏎Node.js v20.11.0

TypeError: Cannot read properties of undefined (reading 'length')⏎    at f (/a/b.js:1:2)

TypeError: Cannot read properties of null (reading 'map')

<tool_use_error>File has not been read yet. Read it first before writing to it.</tool_use_error>
File has not been read yet. Read it first before writing to it.
Error: ⏎File has not been read yet. Read it first before writing to it.

<tool_use_error>String to replace not found in file.⏎String: const a = 1</tool_use_error>
<tool_use_error>String to replace not found in file.⏎String: let other = 2</tool_use_error>

<tool_use_error>Found 2 matches of the string to replace, but replace_all is false.</tool_use_error>
<tool_use_error>Found 17 matches of the string to replace, but replace_all is false.</tool_use_error>

<tool_use_error>File does not exist.</tool_use_error>

{"output":"bash: foo: command not found\n","metadata":{"exit_code":127,"duration_seconds":0.1}}
Exit code: 127⏎Wall time: 0.1 seconds⏎Output:⏎bash: foo: command not found
Chunk ID: 8f3a2b⏎Wall time: 12.0531 seconds⏎Process exited with code 127⏎Output:⏎bash: foo: command not found
Exit code 127⏎bash: foo: command not found

failed in sandbox MacosSeatbelt with execution error: sandbox denied exec error, exit code: 1, stdout: , stderr: touch: /x: Operation not permitted
failed in sandbox LinuxSeccomp with execution error: sandbox denied exec error, exit code: 2, stdout: , stderr: touch: /y/z: Operation not permitted

Process exited with exit code 137 after 12s
Process exited with exit code 137 after 4m30s

Process exited with exit code 139 after 12s

Killed by signal 9 after 300s
Killed by signal 9 after 12 minutes

Killed by signal 11 after 300s

ERROR:  duplicate key value violates unique constraint "users_pkey" (SQLSTATE 23505)
2025-09-24 12:00:01.123 UTC [4242] ERROR:  duplicate key value violates unique constraint "users_pkey" (SQLSTATE 23505)
2025-10-01T01:02:03Z [17] ERROR:  duplicate key value violates unique constraint "users_pkey" (SQLSTATE 23505)

ERROR:  duplicate key value violates unique constraint "orders_pkey" (SQLSTATE 23505)

ERROR:  relation "users" does not exist at character 15
ERROR:  relation "users" does not exist at character 301

ERROR:  relation "orders" does not exist at character 15

SQLITE_CONSTRAINT: UNIQUE constraint failed: users.email

SQLITE_BUSY: database is locked

error: failed to open file (os error 2)

error: failed to open file (os error 13)

OSError: [Errno 28] No space left on device: '/tmp/a'
OSError: [Errno 28] No space left on device: '/var/b'

OSError: [Errno 24] Too many open files: '/tmp/a'

[2025-01-02 03:04:05] ERROR worker-1: job failed: took 4132ms
[2025-11-22 13:14:15] ERROR worker-1: job failed: took 9221ms

Backup failed at Mon Jan 6 10:00:01 2025
Backup failed at Tue Mar 18 23:59:59 2025

Upload failed: 12.5 MB exceeds the limit of 10 MB
Upload failed: 999 KiB exceeds the limit of 512 KiB

Coverage 71.2% does not meet the threshold (80%): failed
Coverage 9% does not meet the threshold (95.5%): failed

Mail to ann@example.com was rejected
Mail to bob.smith+x@other.example.org was rejected

Invalid value: either/or is required

Invalid value: read/write is required

unknown option '--foo'

unknown option '--bar'

Invalid header: content type application/json is not allowed

Invalid header: content type text/html is not allowed

Invalid token: password=[redacted:password:12ab]
Invalid token: password=[redacted:password:98fe]

Segmentation fault (core dumped) at 0x7fff5fbff8c8
Segmentation fault (core dumped) at 0x0

com.acme.Widget@1b6d3586 is invalid
com.acme.Widget@6d06d69c is invalid

Error from server (NotFound): pods "web-7d4b9c6f5d-x2x9z" not found
Error from server (NotFound): pods "web-5f6c8d9b7-q8w7e" not found

ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1

ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 137

╷⏎│ Error: Unsupported argument⏎│⏎│   on main.tf line 3:⏎╵
╷⏎│ Error: Unsupported argument⏎│⏎│   on modules/a/main.tf line 99:⏎╵

* What went wrong:⏎Execution failed for task ':app:compileJava'.
* What went wrong:⏎Execution failed for task ':app:compileJava'.⏎> Compilation failed; see the compiler error output for details.

PHP Fatal error:  Uncaught Error: Call to undefined function foo() in /var/www/a.php:3⏎Stack trace:⏎#0 {main}
PHP Fatal error:  Uncaught Error: Call to undefined function foo() in /srv/b.php:42⏎Stack trace:⏎#0 {main}

a.rb:3:in 'bar': undefined method 'x' for nil (NoMethodError)
lib/deep/b.rb:99:in 'bar': undefined method 'x' for nil (NoMethodError)

'foo' is not recognized as an internal or external command,⏎operable program or batch file.

The term 'foo' is not recognized as the name of a cmdlet, function, script file, or operable program.

x.ts: Unexpected token (12:5)
deep/y.ts: Unexpected token (99:1)

WARN something is slow⏎INFO starting⏎ERROR: migration 20250101_add failed
INFO other⏎ERROR: migration 20250101_add failed

warning: unused variable⏎0 errors so far⏎fatal: unable to access the repository
warning: something else⏎fatal: unable to access the repository
`

/** Errors that are the same one and must share a fingerprint; those of two groups must not. */
export const goldenGroups = corpus
  .trim()
  .split(/\n{2,}/)
  .map((group) => group.split('\n').map(readable))

function readable(line: string): string {
  return line.replaceAll('⏎', '\n').replaceAll('␛', '\u001b').replaceAll('´', '`')
}

/** Every two errors of each group. */
export const mustMerge: GoldenPair[] = goldenGroups.flatMap((group) =>
  group.flatMap((one, index) => group.slice(index + 1).map((other) => ({ one, other }))),
)

/** The first error of each group with that of each other. */
export const mustSplit: GoldenPair[] = goldenGroups.flatMap(([one = ''], index) =>
  goldenGroups.slice(index + 1).map(([other = '']) => ({ one, other })),
)
