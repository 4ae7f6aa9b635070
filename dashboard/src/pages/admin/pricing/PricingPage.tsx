import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function PricingPage() {
  return (
    <Page title="Pricing">
      <Empty title="Being built" />
    </Page>
  );
}
