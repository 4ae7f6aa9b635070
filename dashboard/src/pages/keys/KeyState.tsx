import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
          {t`Revoked`}
        </Badge>
      );
    case "expired":
      return (
        <Badge variant="light" color="red">
          {t`Expired`}
        </Badge>
      );
    case "expiring":
      return (
        <Badge variant="light" color="orange">
          <Trans>Expires {ph({ when: formatRelative(apiKey.expires_at ?? "") })}</Trans>
        </Badge>
      );
    default:
      return (
        <Badge variant="light" color="fare">
          {t`Active`}
        </Badge>
      );
  }
}
