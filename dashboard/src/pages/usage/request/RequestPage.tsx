import { t } from "@lingui/core/macro";
import { Button } from "@mantine/core";
import { SearchXIcon } from "lucide-react";
import { Link } from "react-router";
import { asProblem } from "@/api/problem";
import { useMay } from "@/data/organisations";
import { useReceipt } from "@/data/receipt";
import { Empty } from "@/kit/Empty";
import { Loaded } from "@/kit/Loaded";
import { Loading } from "@/kit/Loading";
import { Page } from "@/kit/Page";
import { RequestContent } from "./RequestContent";
import { RequestId } from "./RequestId";

interface Props {
  id: string;
  keyName: (id: string) => string;
}

/** One request: where its time went, whom it was put to, and what it was charged and why. */
export function RequestPage({ id, keyName }: Props) {
  const receipt = useReceipt(id);
  const may = useMay();
  return (
    <Page back={{ to: "/usage", list: t`Usage` }} title={t`Request`} lead={<RequestId id={id} />}>
      {receipt.isError && asProblem(receipt.error).status === 404 ? (
        <Empty
          icon={SearchXIcon}
          title={t`There is no request with this id`}
          action={
            <Button component={Link} to="/usage" mt="sm">
              {t`All requests`}
            </Button>
          }
        >
          {t`It may be another organisation's, or older than requests are kept.`}
        </Empty>
      ) : (
        <Loaded query={receipt} loading={<Loading as="rows" />}>
          {(data) => (
            <RequestContent
              receipt={data}
              keyName={keyName}
              pathOfKey={may("keys.read") ? undefined : () => null}
            />
          )}
        </Loaded>
      )}
    </Page>
  );
}
