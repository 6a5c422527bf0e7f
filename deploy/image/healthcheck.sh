#!/bin/bash
# Is the server of this container ready? Asks the admin port (argument, 9464 without), which is plain HTTP whatever the
# gRPC port requires of callers. Debian's slim image has bash and no HTTP client.
set -euo pipefail

exec 3<> "/dev/tcp/127.0.0.1/${1:-9464}"
printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[[ $status == 200 ]]
