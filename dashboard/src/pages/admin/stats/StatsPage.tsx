import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function StatsPage() {
  return (
    <Page title="System">
      <Empty title="Being built" />
    </Page>
  );
}
