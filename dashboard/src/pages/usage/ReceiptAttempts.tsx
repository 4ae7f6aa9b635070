import { Text, Timeline } from "@mantine/core";
import type { Receipt } from "@/data/receipt";
import { formatDuration } from "@/kit/numbers";

const OUTCOMES: Record<string, string> = {
  answered: "Answered",
  rejected: "Refused the request",
  unauthorized: "Did not take our credentials",
  rate_limited: "Was at its limit",
  failed: "Failed",
  invalid: "Answered nonsense",
  unreachable: "Could not be reached",
  connection_lost: "Broke the connection",
  abandoned: "Had not answered when the client hung up",
  timeout: "Took too long",
};

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
            {OUTCOMES[attempt.outcome] ?? attempt.outcome}
            {attempt.status !== null && ` (${attempt.status})`} after {formatDuration(attempt.latency_ms)}
          </Text>
          <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            as {attempt.model}
            {attempt.error != null && `: ${attempt.error}`}
          </Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}
