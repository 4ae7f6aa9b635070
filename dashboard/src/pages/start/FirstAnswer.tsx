import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
import { asSentence } from "./sentence";
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
              {isLooking ? words(request) : t`Nobody has asked anything yet.`}
            </Text>
            {!isLooking && (
              <Button size="xs" variant="default" onClick={look}>
                {t`Look again`}
              </Button>
            )}
          </div>
        )}
      </div>
      {request !== null && isFailed(request) && (
        <Alert color="red" mt="sm" icon={<CircleXIcon />} title={t`The model did not answer to the end`}>
          {asSentence(request.error ?? t`it was not answered`)}{" "}
          <Trans>
            It cost <Money usd={request.charged_usd} />. Try again, or choose another model above.
          </Trans>
        </Alert>
      )}
      {request !== null && isAnswered(request) ? (
        <Receipt id={request.request_id} />
      ) : (
        <Text size="sm" c="dimmed" mt="xs" maw="65ch">
          <Trans>
            It appears here within seconds. If your program says 401, its key is not the one above; 402, there
            is no credit. You can also{" "}
            <Anchor component={Link} to="/chat" inherit underline="always">
              try the chat
            </Anchor>
            .
          </Trans>
        </Text>
      )}
    </>
  );
}

function words(request: UsageRecord | null): string {
  if (request?.status === "pending") return t`Your request is being answered…`;
  return request === null ? t`Waiting for your request…` : t`Waiting for the next…`;
}

function isFailed({ status }: UsageRecord): boolean {
  return status === "error" || status === "aborted" || status === "lost";
}

function Told({ request }: { request: UsageRecord }) {
  const { model, charged_usd, tokens, latency_ms } = request;
  const name = (
    <Text span fw={600} style={{ overflowWrap: "anywhere" }}>
      {model}
    </Text>
  );
  const paid = (
    <Text span fw={600}>
      <Money usd={charged_usd} />
    </Text>
  );
  return (
    <Text mt="xs">
      {latency_ms === null ? (
        <Trans>{name} answered.</Trans>
      ) : (
        <Trans>
          {name} answered in {ph({ duration: formatDuration(latency_ms) })}.
        </Trans>
      )}{" "}
      {tokens === null ? (
        <Trans>You paid {paid}.</Trans>
      ) : (
        <Trans>
          You paid {paid} for {ph({ prompt: formatCount(tokens.prompt) })} tokens in and{" "}
          {ph({ completion: formatCount(tokens.completion) })} out.
        </Trans>
      )}
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
          {t`See the whole receipt`}
        </Button>
        <Button component={Link} to="/models" variant="default">
          {t`Choose a model`}
        </Button>
        <Button component={Link} to="/" variant="subtle" color="gray">
          {t`Overview`}
        </Button>
      </Group>
    </>
  );
}
