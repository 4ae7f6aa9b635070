import { t } from "@lingui/core/macro";
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { PencilIcon } from "lucide-react";
import { type Fact, Facts } from "@/kit/Facts";
import { Money } from "@/kit/Money";
import { Panel } from "@/kit/Panel";
import { Faint } from "../parts/Faint";
import { showLimits, showModels } from "../parts/terms";
import { BUDGETS, TermsForm } from "./TermsForm";
import { termsOf } from "./terms";
import { isGone, type ManagedUser } from "./users";

/** What a user may do, and at which prices. */
export function UserTerms({ user }: { user: ManagedUser }) {
  const [isChanging, change] = useDisclosure(false);
  const terms = termsOf(user);
  const none = (text: string) => <Faint>{text}</Faint>;
  return (
    <Panel
      title={t`Terms`}
      actions={
        !isGone(user) && (
          <Button
            variant="default"
            size="xs"
            leftSection={<PencilIcon size={16} aria-hidden />}
            onClick={change.open}
          >
            {t`Change terms`}
          </Button>
        )
      }
    >
      <Facts
        spread
        facts={[
          [t`Plan`, user.plan ?? none(t`None`)],
          ...BUDGETS.map(({ field, label }): Fact => {
            const cap = terms[field];
            return [label, cap == null ? none(t`No cap`) : <Money key={field} usd={cap} />];
          }),
          [t`Rate limits`, showLimits(user.limits) ?? none(t`None`)],
          [t`Allowed models`, showModels(user.models) ?? none(t`All`)],
          [
            t`Factor on list prices`,
            user.multiplier === null ? none(t`The plan's, or 1`) : `× ${user.multiplier}`,
          ],
          [t`Tenant`, user.tenant_id ?? none(t`None`)],
          [t`Time zone`, user.time_zone],
        ]}
      />
      <TermsForm user={user} opened={isChanging} onClose={change.close} />
    </Panel>
  );
}
