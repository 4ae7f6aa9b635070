import { ph, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Code, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { CircleDollarSignIcon, EyeIcon, LockIcon, LockOpenIcon } from "lucide-react";
import { useParams } from "react-router";
import { CopyButton } from "@/kit/CopyButton";
import { confirm } from "@/kit/confirm";
import { formatMonth } from "@/kit/dates";
import { Loaded } from "@/kit/Loaded";
import { Money } from "@/kit/Money";
import { formatUsd } from "@/kit/money";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { Page } from "@/kit/Page";
import { Panel } from "@/kit/Panel";
import { Tile, Tiles } from "@/kit/Tile";
import { When } from "@/kit/When";
import { Trail } from "../audit/Trail";
import { Notice } from "../parts/Notice";
import { CreditForm } from "./CreditForm";
import { SeeForm } from "./SeeForm";
import { UserKeys } from "./UserKeys";
import { UserLedger } from "./UserLedger";
import { Standing } from "./UserList";
import { UserPayments } from "./UserPayments";
import { UserRequests } from "./UserRequests";
import { UserSessions } from "./UserSessions";
import { UserTerms } from "./UserTerms";
import { UserUsage } from "./UserUsage";
import { useChangeUser } from "./useChangeUser";
import { FEW, isGone, type ManagedUser, nameOf, useUser } from "./users";

/** One user: what they have, may do, did, and what operators changed. */
export function UserPage() {
  const { id = "" } = useParams();
  const user = useUser(id);
  return (
    <Page
      back={{ to: "/admin/users", list: t`Users` }}
      title={user.data ? nameOf(user.data) : t`User`}
      lead={user.data && <Lead user={user.data} />}
      actions={user.data && !isGone(user.data) && <Actions user={user.data} />}
    >
      <Loaded query={user}>{(found) => <Everything user={found} />}</Loaded>
    </Page>
  );
}

function Lead({ user }: { user: ManagedUser }) {
  return (
    <Group component="span" gap={8}>
      <Standing user={user} />
      {user.is_organisation ? (
        <span>{t`Organisation`}</span>
      ) : (
        user.full_name && <span>{user.full_name}</span>
      )}
      <span>
        <Trans>
          since <When at={user.created_at} />
        </Trans>
      </span>
      <Group component="span" gap={2} wrap="nowrap">
        <Code>{user.id}</Code>
        <CopyButton value={user.id} what={t`user id`} />
      </Group>
    </Group>
  );
}

function Actions({ user }: { user: ManagedUser }) {
  const [isCrediting, credit] = useDisclosure(false);
  const [isSeeing, see] = useDisclosure(false);
  const change = useChangeUser(user.id);
  const isSuspended = user.status === "suspended";
  const switchOver = async () => {
    const agreed = await confirm({
      title: isSuspended ? t`Restore this account?` : t`Suspend this account?`,
      children: isSuspended
        ? t`${{ email: nameOf(user) }} can sign in and spend again within 5 seconds.`
        : t`All requests of ${{ email: nameOf(user) }} are refused everywhere within 5 seconds. The wallet stays as it is, and you can restore the account at any time.`,
      action: isSuspended ? t`Restore account` : t`Suspend account`,
      danger: !isSuspended,
    });
    if (!agreed) return;
    try {
      await change.mutateAsync({ status: isSuspended ? "active" : "suspended" });
      notifyDone(isSuspended ? t`The account is restored.` : t`The account is suspended.`);
    } catch (error) {
      notifyProblem(error, isSuspended ? t`The account was not restored` : t`The account was not suspended`);
    }
  };
  return (
    <>
      {!user.is_organisation && (
        <Button variant="default" leftSection={<EyeIcon size={18} aria-hidden />} onClick={see.open}>
          {t`See as`}
        </Button>
      )}
      <SeeForm user={user} opened={isSeeing} onClose={see.close} />
      <Button
        variant="default"
        leftSection={
          isSuspended ? <LockOpenIcon size={18} aria-hidden /> : <LockIcon size={18} aria-hidden />
        }
        loading={change.isPending}
        onClick={switchOver}
      >
        {isSuspended ? t`Restore` : t`Suspend`}
      </Button>
      <Button leftSection={<CircleDollarSignIcon size={18} aria-hidden />} onClick={credit.open}>
        {t`Change balance`}
      </Button>
      <CreditForm user={user} opened={isCrediting} onClose={credit.close} />
    </>
  );
}

function Everything({ user }: { user: ManagedUser }) {
  const { budget } = user;
  return (
    <>
      {user.frozen && (
        <Notice tone="warn" title={t`A payment is disputed`}>
          {t`Nothing more is spent from this wallet until the dispute is decided.`}
        </Notice>
      )}
      {user.debt_usd !== "0.00" && (
        <Notice tone="warn" title={t`This account is in debt`}>
          <Trans>
            {ph({ debtUsd: formatUsd(user.debt_usd, { exact: true }) })} were taken back after they were
            spent. The next credit pays it first.
          </Trans>
        </Notice>
      )}
      <Tiles>
        <Tile label={t`Balance`} value={<Money usd={user.balance_usd} rounding="down" />} />
        <Tile
          label={t`Available`}
          value={<Money usd={user.available_usd} rounding="down" />}
          note={
            <Trans>
              <Money usd={user.reserved_usd} /> held by requests
            </Trans>
          }
        />
        <Tile
          label={t`Spent in ${{ month: formatMonth(budget.period) }}`}
          value={<Money usd={budget.spent_usd} />}
          note={
            budget.limit_usd === null ? (
              t`No budget set`
            ) : (
              <Trans>
                of <Money usd={budget.limit_usd} exact />
              </Trans>
            )
          }
        />
      </Tiles>
      <UserTerms user={user} />
      <UserUsage id={user.id} />
      <UserRequests id={user.id} />
      <UserKeys id={user.id} />
      <UserPayments id={user.id} />
      <UserLedger id={user.id} />
      {!user.is_organisation && <UserSessions user={user} />}
      <Panel title={t`Changes by operators`} flush>
        <Trail
          filter={{ target: `users/${user.id}` }}
          label={t`Changes of this user`}
          atFirst={FEW}
          empty={
            <Text c="dimmed" px="lg" pb="md">
              {t`Nobody has changed anything.`}
            </Text>
          }
        />
      </Panel>
    </>
  );
}
