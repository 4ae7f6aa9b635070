import { t } from "@lingui/core/macro";
import { Anchor, Box, Input, useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { Schema } from "@/api/client";
import { captchaScript } from "./captchaScript";

interface Props {
  widget: Schema<"CaptchaWidget">;
  /** What is wrong with the answer, or that there is none. */
  error: string | null;
  /** Told each answer, and `null` where the last one counts no more. */
  onAnswer: (answer: string | null) => void;
}

const WIDEST_PX = 304; // of the services' widgets as they are usually

/** The check that somebody is a person, by the service that an operator has set up. An answer counts once: give it
 * another `key` for the next. */
export function Captcha({ widget, error, onAnswer }: Props) {
  const { service, site_key } = widget;
  const place = useRef<HTMLDivElement>(null);
  const theme = useComputedColorScheme();
  const [attempt, setAttempt] = useState(0);
  const [isMissing, setMissing] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try loads and draws it anew
  useEffect(() => {
    const drawn = document.createElement("div"); // reCAPTCHA draws in a place once
    let away = () => drawn.remove();
    let isGone = false;
    place.current?.append(drawn);
    captchaScript(service).then(
      (script) => {
        if (isGone) return;
        const shown = script.render(drawn, {
          sitekey: site_key,
          theme,
          size: drawn.clientWidth < WIDEST_PX ? "compact" : "normal",
          callback: onAnswer,
          "expired-callback": () => onAnswer(null),
          "error-callback": () => onAnswer(null),
        });
        away = () => {
          script.remove?.(shown);
          drawn.remove();
        };
      },
      () => {
        if (!isGone) setMissing(true);
      },
    );
    return () => {
      isGone = true;
      onAnswer(null);
      away();
    };
  }, [service, site_key, theme, attempt]);

  const retry = () => {
    setMissing(false);
    setAttempt((count) => count + 1);
  };
  return (
    <Input.Wrapper
      role="group"
      aria-label={t`Check that you are a person`}
      labelElement="div"
      error={
        isMissing ? (
          <>
            {t`The check that you are a person did not load. Something in this browser or network may keep it away.`}{" "}
            <Anchor component="button" type="button" inherit underline="always" onClick={retry}>
              {t`Try again`}
            </Anchor>
          </>
        ) : (
          error
        )
      }
    >
      <Box ref={place} mb={6} />
    </Input.Wrapper>
  );
}
