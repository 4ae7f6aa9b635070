import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function UsagePage() {
  return (
    <Page title="Usage">
      <Empty title="Being built" />
    </Page>
  );
}
