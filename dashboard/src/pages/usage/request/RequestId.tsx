import { t } from "@lingui/core/macro";
import { Group, Text } from "@mantine/core";
import { CopyButton } from "@/kit/CopyButton";

/** The id of a request below a page's title, to be copied. */
export function RequestId({ id }: { id: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Text span inherit ff="monospace" size="sm" style={{ overflowWrap: "anywhere" }}>
        {id}
      </Text>
      <CopyButton value={id} what={t`request id`} />
    </Group>
  );
}
