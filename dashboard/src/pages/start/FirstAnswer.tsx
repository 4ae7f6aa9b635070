import { Alert, Anchor, Button, Group, Text } from "@mantine/core";
import { CircleXIcon } from "lucide-react";
import { Link } from "react-router";
import { useReceipt } from "@/data/receipt";
import type { UsageRecord } from "@/data/usage";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Money } from "@/kit/Money";
import { formatCount, formatDuration } from "@/kit/numbers";
import { Charge } from "@/pages/usage/Charge";
import { requestPath } from "@/pages/usage/requestPath";
import classes from "./StartPage.module.css";
import { isAnswered, type Waiting } from "./useFirstRequest";

/** What became of the first request: nothing yet, a failure and what to do, or an answer with its receipt. */
export function FirstAnswer({ waiting }: { waiting: Waiting }) {
  const { request, isLooking, look } = waiting;
  return (
    <>
      <div role="status">
        {request !== null && isAnswered(request) ? (
          <Told request={request} />
        ) : (
          <div className={classes.waiting}>
            {isLooking && <span className={classes.pulse} aria-hidden />}
            <Text size="sm" c="dimmed">
              {isLooking ? words(request) : "Nobody has asked anything yet."}
            </Text>
            {!isLooking && (
              <Button size="xs" variant="default" onClick={look}>
                Look again
              </Button>
            )}
          </div>
        )}
      </div>
      {request !== null && isFailed(request) && (
        <Alert color="red" mt="sm" icon={<CircleXIcon />} title="The request came, and failed">
          {request.error ?? "It was not answered."} It cost <Money usd={request.charged_usd} />. Try again, or
          choose another model above.
        </Alert>
      )}
      {request !== null && isAnswered(request) ? (
        <Receipt id={request.request_id} />
      ) : (
        <Text size="sm" c="dimmed" mt="xs" maw="65ch">
          It appears here within seconds. If your program says 401, its key is not the one above; 402, there
          is no credit. You can also{" "}
          <Anchor component={Link} to="/chat" inherit underline="always">
            try the chat
          </Anchor>
          .
        </Text>
      )}
    </>
  );
}

function words(request: UsageRecord | null): string {
  if (request?.status === "pending") return "Your request is being answered…";
  return request === null ? "Waiting for your request…" : "Waiting for the next…";
}

function isFailed({ status }: UsageRecord): boolean {
  return status === "error" || status === "aborted" || status === "lost";
}

function Told({ request }: { request: UsageRecord }) {
  const { model, charged_usd, tokens, latency_ms } = request;
  return (
    <Text mt="xs">
      <Text span fw={600} style={{ overflowWrap: "anywhere" }}>
        {model}
      </Text>{" "}
      answered{latency_ms !== null && ` in ${formatDuration(latency_ms)}`}. You paid{" "}
      <Text span fw={600}>
        <Money usd={charged_usd} />
      </Text>
      {tokens !== null &&
        ` for ${formatCount(tokens.prompt)} tokens in and ${formatCount(tokens.completion)} out`}
      .
    </Text>
  );
}

function Receipt({ id }: { id: string }) {
  const receipt = useReceipt(id);
  return (
    <>
      <div className={classes.receipt}>
        <Loaded query={receipt} loading={<Loading as="rows" />}>
          {(data) => <Charge receipt={data} />}
        </Loaded>
      </div>
      <Group gap="sm" mt="lg">
        <Button component={Link} to={requestPath({ request_id: id })}>
          See the whole receipt
        </Button>
        <Button component={Link} to="/models" variant="default">
          Choose a model
        </Button>
        <Button component={Link} to="/" variant="subtle" color="gray">
          Overview
        </Button>
      </Group>
    </>
  );
}
