import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function OverviewPage() {
  return (
    <Page title="Overview">
      <Empty title="Being built" />
    </Page>
  );
}
