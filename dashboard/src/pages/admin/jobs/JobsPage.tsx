import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function JobsPage() {
  return (
    <Page title="Jobs">
      <Empty title="Being built" />
    </Page>
  );
}
