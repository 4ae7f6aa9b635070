#!/bin/sh
# Is what was deployed at an address alive, and are its doors shut?   sh scripts/smoke_test.sh https://llm.example.com
set -eu

url=${1:?write the address that it is reached at}

expect() { # a status, then curl's arguments
	wanted=$1
	shift
	got=$(curl --silent --show-error --output /dev/null --write-out '%{http_code}' --max-time 30 \
		--retry 5 --retry-delay 5 --retry-connrefused "$@")
	if [ "$got" != "$wanted" ]; then
		echo "$*: $got instead of $wanted" >&2
		exit 1
	fi
	echo "$got $*"
}

for function in chat accounts keys wallet stripe_webhook usage metering admin; do
	expect 200 "$url/health/$function"
done
expect 200 "$url/" # the dashboard
expect 200 "$url/docs"
expect 200 "$url/openapi.json"
expect 401 "$url/v1/models"
expect 401 "$url/api/wallet"
expect 401 "$url/api/admin/stats"
expect 401 --request POST --header 'content-type: application/json' --data '{}' "$url/api/check-budget"
expect 400 --request POST --data '{}' "$url/api/stripe/webhook"
