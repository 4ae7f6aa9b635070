import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export default function ChatPage() {
  return (
    <Page title="Chat">
      <Empty title="Being built" />
    </Page>
  );
}
