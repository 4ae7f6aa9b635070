import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { LockIcon } from "lucide-react";
import { Link } from "react-router";
import { useOrganisation } from "@/data/organisations";
import { ROLE_NAMES } from "@/data/roles";
import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";

/** In the place of a page that one's role in the organisation does not include. */
export function NotOffered({ what }: { what: string }) {
  const here = useOrganisation();
  return (
    <Page title={what}>
      <Empty
        icon={LockIcon}
        title={t`Your role does not include this`}
        action={
          <Button component={Link} to="/" mt="sm">
            {t`Go to the overview`}
          </Button>
        }
      >
        <Trans>
          You are {ph({ role: here === undefined ? t`no member` : ROLE_NAMES[here.role] })} in{" "}
          {ph({ name: here?.name ?? t`this organisation` })}. An owner or an admin of it can give you another
          role.
        </Trans>
      </Empty>
    </Page>
  );
}
