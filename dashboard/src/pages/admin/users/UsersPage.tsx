import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function UsersPage() {
  return (
    <Page title="Users">
      <Empty title="Being built" />
    </Page>
  );
}
