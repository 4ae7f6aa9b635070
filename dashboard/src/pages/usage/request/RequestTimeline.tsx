import { t } from "@lingui/core/macro";
import { Text } from "@mantine/core";
import type { Receipt } from "@/data/receipt";
import { formatDuration } from "@/kit/numbers";
import classes from "./RequestTimeline.module.css";
import { timelineOf } from "./timeline";

/** Where a request's time went, as bars below each other from its beginning to its end. */
export function RequestTimeline({ receipt }: { receipt: Receipt }) {
  const spans = timelineOf(receipt);
  const whole = Math.max(receipt.latency_ms ?? 0, ...spans.map(({ start, length }) => start + length));
  if (spans.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {receipt.status === "pending"
          ? t`It still runs.`
          : t`Nobody was asked: the answer was at hand, or none came.`}
      </Text>
    );
  }
  const share = (ms: number) => `${whole === 0 ? 0 : (ms / whole) * 100}%`;
  return (
    <ol className={classes.list} aria-label={t`Where the time went`}>
      {spans.map(({ key, label, start, length, kind }) => (
        <li key={key}>
          <span className={classes.head}>
            <span style={{ overflowWrap: "anywhere" }}>{label}</span>
            <span className="figures">{formatDuration(length)}</span>
          </span>
          <span className={classes.track} aria-hidden>
            <span
              className={classes.bar}
              data-kind={kind}
              style={{ marginInlineStart: share(start), width: share(length) }}
            />
          </span>
        </li>
      ))}
    </ol>
  );
}
