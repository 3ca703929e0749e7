"""Hands a call of a program to the server (`tests.docs.server`): its words, place, environment, and open files.

It is started as every program that a page calls, so it imports next to nothing.
"""

import json
import os
import signal
import socket
import sys

server = socket.socket(socket.AF_UNIX)
server.connect(os.environ["PROGRAMS"])
socket.send_fds(server, [b"."], [0, 1, 2])
name = os.path.basename(sys.argv[0])
server.sendall(json.dumps([[name, *sys.argv[1:]], os.getcwd(), dict(os.environ)]).encode())
server.shutdown(socket.SHUT_WR)
answer = server.recv(4)
status = int.from_bytes(answer, signed=True) if answer else -signal.SIGKILL
if status < 0:
    os.kill(os.getpid(), -status)
sys.exit(status)
