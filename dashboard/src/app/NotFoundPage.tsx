import { t } from "@lingui/core/macro";
import { Button } from "@mantine/core";
import { MapPinOffIcon } from "lucide-react";
import { Link } from "react-router";
import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

export function NotFoundPage() {
  return (
    <Page title={t`There is no such page`}>
      <Empty
        icon={MapPinOffIcon}
        title={t`Nothing stops here`}
        action={
          <Button component={Link} to="/" mt="sm">
            {t`Go to the overview`}
          </Button>
        }
      >
        {t`The address may be misspelt, or the page has moved.`}
      </Empty>
    </Page>
  );
}
