import { Badge } from "@mantine/core";
import { keyState } from "@/data/keyState";
import type { Key } from "@/data/keys";
import { formatRelative } from "@/kit/dates";

/** Whether a key works, and until when. */
export function KeyState({ apiKey }: { apiKey: Key }) {
  switch (keyState(apiKey)) {
    case "revoked":
      return (
        <Badge variant="light" color="gray">
          Revoked
        </Badge>
      );
    case "expired":
      return (
        <Badge variant="light" color="red">
          Expired
        </Badge>
      );
    case "expiring":
      return (
        <Badge variant="light" color="orange">
          Expires {formatRelative(apiKey.expires_at ?? "")}
        </Badge>
      );
    default:
      return (
        <Badge variant="light" color="fare">
          Active
        </Badge>
      );
  }
}
