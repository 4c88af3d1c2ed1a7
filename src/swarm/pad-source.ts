/**
 * Stands where the sender of a block would, for a block that is nothing but pad (BEP 47): zeros were filled in, nobody sent
 * them, and they cannot be wrong.
 */
export const PAD_SOURCE: object = Object.freeze({})
