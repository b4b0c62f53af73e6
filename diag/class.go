// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

// Class returns the name that the original Kestrel (Python) 1.x gives to
// problems of this kind, for notebooks and scripts that look for it. It is ""
// for problems that had no class of their own there: it raised an error of a
// library, or said nothing.
func Class(c Code) string {
	switch c {
	case UnexpectedToken, UnexpectedCharacter, UnterminatedString, InvalidEscape,
		InvalidNumber, InvalidTime, InvalidJSON, TooDeep:
		return "KestrelSyntaxError"
	case UndefinedVariable:
		return "VariableNotExist"
	case UndefinedAttribute:
		return "MissingEntityAttribute"
	case InvalidAttribute:
		return "InvalidAttribute"
	case MissingSource:
		return "MissingDataSource"
	case MissingType:
		return "MissingEntityType"
	case MixedTypes:
		return "NonUniformEntityType"
	case TypeMismatch, InvalidPattern:
		return "InvalidECGPattern"
	case UnsupportedRelation:
		return "UnsupportedRelation"
	case UnknownScheme:
		return "DataSourceInterfaceNotFound"
	case UnknownSource, SourceMisconfigured:
		return "InvalidDataSource"
	case NotSupported:
		return "KestrelNotImplemented"
	case SourceUnavailable, InvalidBundle:
		return "DataSourceConnectionError"
	case SourceUnauthorized, SourceFailed, UnmappedAttribute:
		return "DataSourceError"
	case InvalidConfiguration:
		return "InvalidConfiguration"
	case DebugLinkOccupied:
		return "DebugCacheLinkOccupied"
	case InternalError:
		return "KestrelInternalError"
	}
	return ""
}
