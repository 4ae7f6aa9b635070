import { t } from "@lingui/core/macro";
import { Text, Timeline } from "@mantine/core";
import type { Receipt } from "@/data/receipt";
import { formatDuration } from "@/kit/numbers";

const OUTCOMES: Record<string, string> = {
  answered: t`Answered`,
  rejected: t`Refused the request`,
  unauthorized: t`Did not take our credentials`,
  rate_limited: t`Was at its limit`,
  failed: t`Failed`,
  invalid: t`Answered nonsense`,
  unreachable: t`Could not be reached`,
  connection_lost: t`Broke the connection`,
  abandoned: t`Had not answered when the client hung up`,
  timeout: t`Took too long`,
};

function outcomeOf({ outcome, status }: Receipt["attempts"][number]): string {
  const told = OUTCOMES[outcome] ?? outcome;
  return status === null ? told : `${told} (${status})`;
}

/** Who was asked, in order, and how that went. */
export function ReceiptAttempts({ receipt }: { receipt: Receipt }) {
  const { attempts } = receipt;
  if (attempts.length === 0) return null;
  return (
    <Timeline bulletSize={14} lineWidth={2} active={attempts.length}>
      {attempts.map((attempt) => (
        <Timeline.Item
          key={`${attempt.upstream} ${attempt.started_ms}`}
          color={attempt.outcome === "answered" ? "fare" : "red"}
          title={
            <Text size="sm" fw={550}>
              {attempt.upstream}
            </Text>
          }
        >
          <Text size="sm">
            {t`${{ outcome: outcomeOf(attempt) }} after ${{ duration: formatDuration(attempt.latency_ms) }}`}
          </Text>
          <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {t`as ${{ model: attempt.model }}`}
            {attempt.error != null && `: ${attempt.error}`}
          </Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}
