import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button } from "@mantine/core";
import { EyeIcon } from "lucide-react";
import { useNavigate } from "react-router";
import { useSight } from "@/data/seeing";
import { Unspaced } from "@/kit/Unspaced";
import { seeing } from "@/session/seeing";
import classes from "./SeeingNotice.module.css";

/** Says as whom an operator sees the dashboard, and leads back to their own. */
export function SeeingNotice() {
  const sight = useSight();
  const go = useNavigate();
  if (sight === null) return null;
  const { email, uid } = sight;
  const leave = async () => {
    await go(`/admin/users/${encodeURIComponent(uid)}`);
    seeing.end();
  };
  return (
    <div className={classes.notice} role="status">
      <EyeIcon size={17} aria-hidden className={classes.icon} />
      <span className={classes.words}>
        <Trans>
          You see what{" "}
          <strong>
            <Unspaced text={email} />
          </strong>{" "}
          sees. Nothing can be changed here.
        </Trans>
      </span>
      <Button size="compact-sm" variant="default" onClick={() => void leave()}>
        {t`Back to my own`}
      </Button>
    </div>
  );
}
