import { Stack, Text } from "@mantine/core";
import { Status } from "../parts/Status";
import type { Health } from "./health";

/** How an upstream stands, and what is wrong with it. */
export function HealthBadge({ health }: { health: Health }) {
  return (
    <Stack gap={2} align="flex-start">
      <Status tone={health.tone}>{health.word}</Status>
      {health.detail !== null && (
        <Text size="xs" c="dimmed">
          {health.detail}
        </Text>
      )}
    </Stack>
  );
}
