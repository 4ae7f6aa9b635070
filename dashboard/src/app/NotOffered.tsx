import { Button } from "@mantine/core";
import { LockIcon } from "lucide-react";
import { Link } from "react-router";
import { useOrganisation } from "@/data/organisations";
import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

/** In the place of a page that one's role in the organisation does not include. */
export function NotOffered({ what }: { what: string }) {
  const here = useOrganisation();
  return (
    <Page title={what}>
      <Empty
        icon={LockIcon}
        title="Your role does not include this"
        action={
          <Button component={Link} to="/" mt="sm">
            Go to the overview
          </Button>
        }
      >
        You are {here?.role ?? "no member"} in {here?.name ?? "this organisation"}. An owner or an admin of it
        can give you another role.
      </Empty>
    </Page>
  );
}
