import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function UpstreamsPage() {
  return (
    <Page title="Upstreams">
      <Empty title="Being built" />
    </Page>
  );
}
