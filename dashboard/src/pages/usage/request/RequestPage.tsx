import { t } from "@lingui/core/macro";
import { Anchor, Group, Text } from "@mantine/core";
import { Link } from "react-router";
import { useReceipt } from "@/data/receipt";
import { CopyButton } from "@/kit/CopyButton";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Page } from "@/kit/Page";
import { RequestContent } from "./RequestContent";

interface Props {
  id: string;
  keyName: (id: string) => string;
}

/** One request: where its time went, whom it was put to, and what it was charged and why. */
export function RequestPage({ id, keyName }: Props) {
  const receipt = useReceipt(id);
  return (
    <Page
      title={t`Request`}
      lead={
        <Group gap={4} wrap="nowrap">
          <Text span inherit ff="monospace" size="sm" style={{ overflowWrap: "anywhere" }}>
            {id}
          </Text>
          <CopyButton value={id} what={t`request id`} />
        </Group>
      }
      actions={
        <Anchor component={Link} to="/usage" size="sm">
          {t`All requests`}
        </Anchor>
      }
    >
      <Loaded query={receipt} loading={<Loading as="rows" />}>
        {(data) => <RequestContent receipt={data} keyName={keyName} />}
      </Loaded>
    </Page>
  );
}
