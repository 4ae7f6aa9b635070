import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function KeysPage() {
  return (
    <Page title="Keys">
      <Empty title="Being built" />
    </Page>
  );
}
