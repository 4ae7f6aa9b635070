import { t } from "@lingui/core/macro";
import { useReceipt } from "@/data/receipt";
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
  return (
    <Page back={{ to: "/usage", list: t`Usage` }} title={t`Request`} lead={<RequestId id={id} />}>
      <Loaded query={receipt} loading={<Loading as="rows" />}>
        {(data) => <RequestContent receipt={data} keyName={keyName} />}
      </Loaded>
    </Page>
  );
}
