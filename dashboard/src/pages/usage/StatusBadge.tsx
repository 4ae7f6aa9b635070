import { Badge, Tooltip } from "@mantine/core";
import type { Status } from "./view";

const SHOWN: Record<Status, { label: string; color: string; told: string }> = {
  ok: { label: "OK", color: "fare", told: "It was answered in full." },
  error: { label: "Error", color: "red", told: "It failed. What was answered before that is charged." },
  aborted: {
    label: "Aborted",
    color: "orange",
    told: "The client hung up. What was answered by then is charged.",
  },
  pending: { label: "Running", color: "blue", told: "It is still running." },
  lost: { label: "Lost", color: "gray", told: "The server that ran it died. It is not charged." },
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
