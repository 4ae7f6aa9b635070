import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function AuditPage() {
  return (
    <Page title="Audit trail">
      <Empty title="Being built" />
    </Page>
  );
}
