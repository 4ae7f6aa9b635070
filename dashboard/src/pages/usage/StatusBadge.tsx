import { t } from "@lingui/core/macro";
import { Badge, Tooltip } from "@mantine/core";
import type { Status } from "./view";

const SHOWN: Record<Status, { label: string; color: string; told: string }> = {
  ok: { label: t`OK`, color: "fare", told: t`It was answered in full.` },
  error: { label: t`Error`, color: "red", told: t`It failed. What was answered before that is charged.` },
  aborted: {
    label: t`Aborted`,
    color: "orange",
    told: t`The client hung up. What was answered by then is charged.`,
  },
  pending: { label: t`Running`, color: "blue", told: t`It is still running.` },
  lost: { label: t`Lost`, color: "gray", told: t`The server that ran it died. It is not charged.` },
};

export function statusLabel(status: Status): string {
  return SHOWN[status].label;
}

/** How a request ended. */
export function StatusBadge({ status }: { status: Status }) {
  const { label, color, told } = SHOWN[status];
  return (
    <Tooltip label={told}>
      <Badge variant="light" color={color}>
        {label}
      </Badge>
    </Tooltip>
  );
}
