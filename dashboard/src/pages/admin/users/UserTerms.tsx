import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { PencilIcon } from "lucide-react";
import { Facts } from "@/kit/Facts";
import { Money } from "@/kit/Money";
import { Panel } from "@/kit/Panel";
import { Faint } from "../parts/Faint";
import { showLimits, showModels } from "../parts/terms";
import { TermsForm } from "./TermsForm";
import type { ManagedUser } from "./users";

/** What a user may do, and at which prices. */
export function UserTerms({ user }: { user: ManagedUser }) {
  const [isChanging, change] = useDisclosure(false);
  const none = (text: string) => <Faint>{text}</Faint>;
  return (
    <Panel
      title="Terms"
      actions={
        <Button
          variant="default"
          size="xs"
          leftSection={<PencilIcon size={16} aria-hidden />}
          onClick={change.open}
        >
          Change terms
        </Button>
      }
    >
      <Facts
        spread
        facts={[
          ["Plan", user.plan ?? none("None")],
          [
            "Budget a month",
            user.budget.limit_usd === null ? none("No cap") : <Money key="cap" usd={user.budget.limit_usd} />,
          ],
          ["Rate limits", showLimits(user.limits) ?? none("None")],
          ["Allowed models", showModels(user.models) ?? none("All")],
          [
            "Factor on list prices",
            user.multiplier === null ? none("The plan's, or 1") : `× ${user.multiplier}`,
          ],
          ["Tenant", user.tenant_id ?? none("None")],
          ["Time zone", user.time_zone],
        ]}
      />
      <TermsForm user={user} opened={isChanging} onClose={change.close} />
    </Panel>
  );
}
