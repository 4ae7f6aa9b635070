import { Button } from "@mantine/core";
import { MapPinOffIcon } from "lucide-react";
import { Link } from "react-router";
import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export function NotFoundPage() {
  return (
    <Page title="There is no such page">
      <Empty
        icon={MapPinOffIcon}
        title="Nothing stops here"
        action={
          <Button component={Link} to="/" mt="sm">
            Go to the overview
          </Button>
        }
      >
        The address may be misspelt, or the page has moved.
      </Empty>
    </Page>
  );
}
