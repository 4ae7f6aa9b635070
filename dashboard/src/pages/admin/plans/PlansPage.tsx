import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function PlansPage() {
  return (
    <Page title="Plans">
      <Empty title="Being built" />
    </Page>
  );
}
