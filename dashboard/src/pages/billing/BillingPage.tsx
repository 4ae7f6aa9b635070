import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function BillingPage() {
  return (
    <Page title="Billing">
      <Empty title="Being built" />
    </Page>
  );
}
