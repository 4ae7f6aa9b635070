import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function CodesPage() {
  return (
    <Page title="Codes">
      <Empty title="Being built" />
    </Page>
  );
}
