// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package original holds hunts, generated from seeds, that run in the original
// Kestrel, written in Python, and in ours. There is nothing in it but tests, and
// those want the build tag integration and an environment with the original.
package original
