/** Takes secrets out of text: those that are known by value, and what looks like one. */
import { namesSecret } from "../../config/secret-names.ts";
import type { Secret } from "../config/secret.ts";

export const redacted = "[redacted]";

/** Longer texts are cut, after redaction: half a secret would not be recognised as one. */
const textMax = 8 * 1024;
/** As far as a text is searched for what looks like a secret: a bound on work. */
const searchedMax = 2 * textMax;

/** Names of headers and fields whose values let someone in, beside those that say "secret". */
const lettingIn =
  /^(authorization|cookie|setcookie|signature|sign|apisign|passkey|otp|bearer|jwt)$/;
const keys = /(api|access|private|secret|signing|session|auth)key$/;

/** Whether the value of a field, header or parameter of this name is not to be shown. */
export function isSecretName(name: string): boolean {
  const letters = name.toLowerCase().replace(/[^a-z]/g, "");
  return namesSecret(name) || lettingIn.test(letters) || keys.test(letters);
}

/** Takes secrets out of a text. */
export type RedactText = (text: string) => string;

/** Lines of a secret of several lines are looked for one by one, if they tell enough. */
const lineLengthMin = 12;

/** Every way in which a secret's value is likely to be written, the longest first. */
function writings(secrets: readonly Secret[]): string[] {
  const all = new Set<string>();
  for (const secret of secrets) {
    const value = secret.reveal();
    const lines = value.split(/\r?\n/).filter((line) => line.length >= lineLengthMin);
    for (const part of [value, value.trim(), ...lines]) {
      const bytes = Buffer.from(part);
      all.add(part).add(encodeURIComponent(part)).add(JSON.stringify(part).slice(1, -1));
      all.add(encodeURIComponent(part).replaceAll("%20", "+"));
      all.add(bytes.toString("base64").replace(/=+$/, "")).add(bytes.toString("base64url"));
      all.add(bytes.toString("hex"));
    }
  }
  all.delete("");
  return [...all].sort((a, b) => b.length - a.length);
}

/** `scheme://user:password@host`: whoever logs an address does not mean to log how to get in. */
const userInfo = /([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#@]{1,1024}@/gi;
/** `name=value` of an address or a form. */
const parameter = /([\w.%[\]-]{1,64})=([^&\s"'<>;,]+)/g;
/** `"name": "value"`, and `name: value` of a header; quotes may be escaped once. */
const field = /(\\?["']?)([\w-]{1,64})\1(\s{0,4}:\s{0,4})(\\?["'])((?:(?!\4).)+)\4/g;
const header =
  /\b((?:proxy-)?authorization|(?:set-)?cookie|[\w-]{0,32}api-?(?:key|sign)[\w-]{0,32})(\s{0,4}:\s{0,4})([^\r\n"'{[]+)/gi;
const scheme = /\b(Bearer|Basic|Token)\s+[\w+/=.~-]{8,}/g;
const privateKey =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
/** The token of a Telegram bot stands in the path of its address. */
const botToken = /\b(bot)?\d{6,20}:[\w-]{30,}/g;
/** A key of the panel's operators. */
const operatorKey = /\bnvk_[\da-f]{12}_[\w-]{43}/g;
const webToken = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;

function withoutPatterns(text: string): string {
  return text
    .replace(privateKey, redacted)
    .replace(userInfo, `$1${redacted}@`)
    .replace(header, `$1$2${redacted}`)
    .replace(scheme, `$1 ${redacted}`)
    .replace(botToken, redacted)
    .replace(webToken, redacted)
    .replace(operatorKey, redacted)
    .replace(parameter, (whole, name: string) =>
      isSecretName(decoded(name)) ? `${name}=${redacted}` : whole,
    )
    .replace(field, (whole, open: string, name: string, colon: string, quote: string) =>
      isSecretName(name) ? `${open}${name}${open}${colon}${quote}${redacted}${quote}` : whole,
    );
}

/** `api%5Fkey` is `api_key`. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    // Not a sound encoding, so not an encoded name either.
    return name;
  }
}

/** An address within an address within an address is as deep as anyone goes. */
const decodingsMax = 3;

/**
 * A text without the ways in which others escape it, in addresses, forms and JSON: what is left is
 * compared, never shown.
 */
function bare(text: string): string {
  let result = text;
  for (let depth = 0; depth < decodingsMax && result.includes("%"); depth++) {
    result = result.replace(/(?:%[0-9a-f]{2})+/gi, decoded);
  }
  return result.replaceAll("\\", "");
}

const isEscaped = /%[0-9a-f]{2}|\\/i;

/** A function that takes these secrets, and whatever looks like a secret, out of texts. */
export function textRedaction(secrets: readonly Secret[]): RedactText {
  const known = writings(secrets);
  const bareKnown = [...new Set(known.map(bare))];
  return (text) => {
    let result = text;
    // The known ones in the whole text, so that no cut leaves half of one.
    for (const each of known) {
      if (result.includes(each)) result = result.replaceAll(each, redacted);
    }
    if (isEscaped.test(result)) {
      const unescaped = bare(result);
      // Where it stands in the escaped text cannot be told: nothing of that is shown.
      if (bareKnown.some((each) => unescaped.includes(each))) return redacted;
    }
    result = withoutPatterns(result.slice(0, searchedMax));
    return result.length > textMax ? `${result.slice(0, textMax)}[cut]` : result;
  };
}
