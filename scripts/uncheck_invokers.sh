#!/bin/sh
# Usage: scripts/uncheck_invokers.sh PROJECT REGION
# Has Cloud Run let everybody call the public functions without naming allUsers, which many organisations forbid. They
# are still reached through the load balancer alone, and Farebox checks credentials itself. Deploying a function may
# switch the check on again, so this runs after each apply with `invoker_check = false`; twice does no harm.
set -eu

project=${1:?write the project}
region=${2:?write the region}
for function in chat accounts keys wallet stripe-webhook usage metering admin; do
    gcloud run services update "farebox-$function" --project="$project" --region="$region" --no-invoker-iam-check --quiet
done
