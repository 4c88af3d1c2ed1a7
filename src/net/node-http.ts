/**
 * HTTP without `import`: an import of `node:http` reads every export of it, and one of those loads a whole other HTTP
 * client. That takes 60 ms of processor time and 14 MiB, and nobody here needs it.
 */
export const http = process.getBuiltinModule('node:http')
export const https = process.getBuiltinModule('node:https')
