import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Alert, Badge, Button, Stack, Text } from "@mantine/core";
import { FingerprintIcon, LifeBuoyIcon, ShieldCheckIcon, SmartphoneIcon } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api, type Schema, unwrap } from "@/api/client";
import { confirm } from "@/kit/confirm";
import { FormDialog } from "@/kit/FormDialog";
import { Loaded } from "@/kit/Loaded";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { knowsPasskeys } from "@/session/passkeys";
import { AddApp } from "./AddApp";
import { AddPasskey } from "./AddPasskey";
import { useFactors, useRefreshFactors } from "./factors";
import classes from "./List.module.css";
import { RecoveryCodes } from "./RecoveryCodes";

type Dialog = "app" | "passkey" | { codes: string[] } | null;

/** What is asked for besides the password: passkeys, an app's codes, and codes for when both are lost. */
export function SecondFactors() {
  const factors = useFactors();
  const [dialog, setDialog] = useState<Dialog>(null);
  const refresh = useRefreshFactors();
  const close = () => setDialog(null);
  const enrolled = (codes: string[] | null) => {
    setDialog(codes === null ? null : { codes });
    void refresh();
  };
  const isShowingCodes = dialog !== null && typeof dialog === "object";
  return (
    <Panel
      title={t`Second factors`}
      lead={t`Asked for when you sign in, and again before money moves or your account changes.`}
      flush
    >
      <Loaded query={factors}>
        {(found) => <Rows factors={found} open={setDialog} onCodes={enrolled} />}
      </Loaded>
      <FormDialog title={t`Authenticator app`} opened={dialog === "app"} onClose={close}>
        <AddApp onDone={enrolled} onCancel={close} />
      </FormDialog>
      <FormDialog title={t`New passkey`} opened={dialog === "passkey"} onClose={close}>
        <AddPasskey onDone={enrolled} onCancel={close} />
      </FormDialog>
      <RecoveryCodes codes={isShowingCodes ? dialog.codes : null} onClose={close} />
    </Panel>
  );
}

interface RowsProps {
  factors: Schema<"Factors">;
  open: (dialog: Dialog) => void;
  onCodes: (codes: string[] | null) => void;
}

function Rows({ factors, open, onCodes }: RowsProps) {
  const refresh = useRefreshFactors();
  const hasAny = factors.totp || factors.passkeys.length > 0;
  const remove = async (what: string, call: () => Promise<unknown>) => {
    const isLast = factors.passkeys.length + (factors.totp ? 1 : 0) === 1;
    const isSure = await confirm({
      title: t`Remove ${what}?`,
      children: isLast
        ? t`It is your last second factor: your password alone opens the account then.`
        : t`It opens nothing any more.`,
      action: t`Remove`,
      danger: true,
    });
    if (!isSure) return;
    try {
      await call();
      notifyDone(t`${what} is removed.`);
    } catch (error) {
      notifyProblem(error, t`It was not removed`);
    }
    await refresh();
  };
  const renew = async () => {
    const isSure = await confirm({
      title: t`New codes for recovery?`,
      children: t`Those that you have now stop working.`,
      action: t`Make new codes`,
    });
    if (!isSure) return;
    try {
      onCodes((await unwrap(api().POST("/api/auth/second-factor/recovery-codes"))).recovery_codes);
    } catch (error) {
      notifyProblem(error, t`The codes were not made`);
    }
  };
  return (
    <ul className={classes.list} aria-label={t`Second factors`}>
      {!hasAny && (
        <li className={classes.row}>
          <Alert
            icon={<ShieldCheckIcon />}
            variant="light"
            w="100%"
            title={t`Your account has no second factor`}
          >
            {t`With one, whoever learns your password gets neither your money nor your keys.`}
          </Alert>
        </li>
      )}
      {factors.passkeys.map((passkey) => (
        <Row
          key={passkey.id}
          icon={FingerprintIcon}
          title={passkey.name}
          told={
            <Trans>
              A passkey, since <When at={passkey.created_at} />
            </Trans>
          }
        >
          <Button
            variant="default"
            size="xs"
            aria-label={t`Remove the passkey ${{ passkey: passkey.name }}`}
            onClick={() =>
              void remove(passkey.name, () =>
                unwrap(
                  api().DELETE("/api/auth/second-factor/passkeys/{id}", {
                    params: { path: { id: passkey.id } },
                  }),
                ),
              )
            }
          >
            {t`Remove`}
          </Button>
        </Row>
      ))}
      <Row
        icon={FingerprintIcon}
        title={factors.passkeys.length === 0 ? t`Passkeys` : t`Another passkey`}
        told={
          knowsPasskeys()
            ? t`Your fingerprint, face or security key. Nothing to type, and nothing to be tricked out of you.`
            : t`This browser offers none here.`
        }
      >
        <Button variant="default" size="xs" disabled={!knowsPasskeys()} onClick={() => open("passkey")}>
          {t`Add a passkey`}
        </Button>
      </Row>
      <Row
        icon={SmartphoneIcon}
        title={t`Authenticator app`}
        badge={factors.totp}
        told={t`A code of six digits from an app on your phone.`}
      >
        {factors.totp ? (
          <Button
            variant="default"
            size="xs"
            aria-label={t`Remove the authenticator app`}
            onClick={() =>
              void remove(t`The authenticator app`, () =>
                unwrap(api().DELETE("/api/auth/second-factor/totp")),
              )
            }
          >
            {t`Remove`}
          </Button>
        ) : (
          <Button variant="default" size="xs" onClick={() => open("app")}>
            {t`Set it up`}
          </Button>
        )}
      </Row>
      {hasAny && (
        <Row
          icon={LifeBuoyIcon}
          title={t`Codes for recovery`}
          told={t`${{ recoveryCodesLeft: factors.recovery_codes_left }} left. Each works once, when nothing else is at hand.`}
        >
          <Button variant="default" size="xs" onClick={() => void renew()}>
            {t`Make new codes`}
          </Button>
        </Row>
      )}
    </ul>
  );
}

interface RowProps {
  icon: typeof FingerprintIcon;
  title: string;
  told: ReactNode;
  badge?: boolean;
  children: ReactNode;
}

function Row({ icon: Icon, title, told, badge = false, children }: RowProps) {
  return (
    <li className={classes.row}>
      <Icon size={20} strokeWidth={1.6} aria-hidden className={classes.icon} />
      <Stack gap={0} className={classes.words}>
        <Text size="sm" fw={550} className={classes.name}>
          {title}
          {badge && (
            <Badge variant="light" ml="xs" component="span">
              {t`On`}
            </Badge>
          )}
        </Text>
        <Text size="sm" c="dimmed">
          {told}
        </Text>
      </Stack>
      {children}
    </li>
  );
}
