// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"slices"
	"strings"
)

// A Want is something that may stand at a place of a hunt.
type Want struct {
	Kind WantKind
	Text string // the keyword in capitals, or the sign; empty for other kinds
}

// WantKind is the kind of a Want.
type WantKind uint8

// The kinds of wants.
const (
	WantKeyword   WantKind = iota // the word Text
	WantSign                      // the sign Text
	WantTarget                    // a variable to assign, with = after it
	WantVariable                  // a variable that exists
	WantType                      // an entity type
	WantRelation                  // a relation
	WantAttribute                 // an attribute
	WantSource                    // a data source, or a variable
	WantAnalytics                 // an analytics
	WantPath                      // a file
	WantValue                     // a value: text, a number, an attribute of a variable
	WantInteger                   // a whole number
	WantTime                      // a timestamp
	WantKey                       // the key of an argument
	WantAlias                     // a name for a column
	WantData                      // a string or an object of NEW, or a value in one
)

// want is a Want as the parser counts them: small enough for a set.
type want uint8

const (
	aVariable want = iota
	aType
	aRelation
	anAttribute
	aSource
	anAnalytics
	aPath
	aValue
	anInteger
	aTimestamp
	aKey
	anAlias
	someData
	aString
	kwTimestamped
	kwAddObsID
	kwRecords
	kwGet
	kwFind
	kwNew
	kwLoad
	kwSort
	kwGroup
	kwJoin
	kwSave
	kwInfo
	kwDisp
	kwDescribe
	kwApply
	kwExplain
	kwWhy
	aTarget
	kwAnalyze
	kwFrom
	kwBy
	kwOn
	kwTo
	kwAs
	kwBin
	kwWithin
	kwHops
	kwHop
	kwWhere
	kwWith
	kwAttr
	kwStart
	kwStop
	kwLast
	kwAsc
	kwDesc
	kwLimit
	kwOffset
	kwAnd
	kwOr
	kwNull
	signEqual
	signNotEqual
	signLess
	signLessEqual
	signGreater
	signGreaterEqual
	kwIn
	kwLike
	kwMatches
	kwIsSubset
	kwIsSuperset
	kwIs
	kwNot
	kwMin
	kwMax
	kwSum
	kwAvg
	kwCount
	kwNUnique
	kwD
	kwDay
	kwDays
	kwH
	kwHour
	kwHours
	kwM
	kwMinute
	kwMinutes
	kwS
	kwSecond
	kwSeconds
	signAssign
	signPlus
	signStar
	signComma
	signDot
	signColon
	signOpen
	signClose
	signOpenBracket
	signCloseBracket
	signOpenBrace
	signCloseBrace
	wantCount
)

// wantInfo describes a want. Wants of one group are named together in messages.
type wantInfo struct {
	kind  WantKind
	text  string
	group string
}

// name returns what messages call the want.
func (i wantInfo) name() string {
	if i.group != "" {
		return i.group
	}
	return i.text
}

const (
	aCommand     = "a command"
	anOperator   = "a comparison operator"
	anAggregate  = "an aggregate function"
	aUnit        = "a unit of time"
	aVariableSay = "a variable"
)

var wantTable = [wantCount]wantInfo{
	aVariable:        {WantVariable, "", aVariableSay},
	aType:            {WantType, "", "an entity type"},
	aRelation:        {WantRelation, "", "a relation"},
	anAttribute:      {WantAttribute, "", "an attribute"},
	aSource:          {WantSource, "", "a data source"},
	anAnalytics:      {WantAnalytics, "", "an analytics"},
	aPath:            {WantPath, "", "a file"},
	aValue:           {WantValue, "", "a value"},
	anInteger:        {WantInteger, "", "a whole number"},
	aTimestamp:       {WantTime, "", "a timestamp"},
	aKey:             {WantKey, "", "the name of an argument"},
	anAlias:          {WantAlias, "", "a name for the column"},
	someData:         {WantData, "", "a string or an object"},
	aString:          {WantData, "", "a string"},
	kwTimestamped:    {WantKeyword, "TIMESTAMPED", aVariableSay},
	kwAddObsID:       {WantKeyword, "ADDOBSID", aVariableSay},
	kwRecords:        {WantKeyword, "RECORDS", aVariableSay},
	kwGet:            {WantKeyword, "GET", aCommand},
	kwFind:           {WantKeyword, "FIND", aCommand},
	kwNew:            {WantKeyword, "NEW", aCommand},
	kwLoad:           {WantKeyword, "LOAD", aCommand},
	kwSort:           {WantKeyword, "SORT", aCommand},
	kwGroup:          {WantKeyword, "GROUP", aCommand},
	kwJoin:           {WantKeyword, "JOIN", aCommand},
	kwSave:           {WantKeyword, "SAVE", aCommand},
	kwInfo:           {WantKeyword, "INFO", aCommand},
	kwDisp:           {WantKeyword, "DISP", aCommand},
	kwDescribe:       {WantKeyword, "DESCRIBE", aCommand},
	kwApply:          {WantKeyword, "APPLY", aCommand},
	kwExplain:        {WantKeyword, "EXPLAIN", aCommand},
	kwWhy:            {WantKeyword, "WHY", aCommand},
	aTarget:          {WantTarget, "", "an assignment"},
	kwAnalyze:        {WantKeyword, "ANALYZE", ""},
	kwFrom:           {WantKeyword, "FROM", ""},
	kwBy:             {WantKeyword, "BY", ""},
	kwOn:             {WantKeyword, "ON", ""},
	kwTo:             {WantKeyword, "TO", ""},
	kwAs:             {WantKeyword, "AS", ""},
	kwBin:            {WantKeyword, "BIN", ""},
	kwWithin:         {WantKeyword, "WITHIN", ""},
	kwHops:           {WantKeyword, "HOPS", ""},
	kwHop:            {WantKeyword, "HOP", "HOPS"},
	kwWhere:          {WantKeyword, "WHERE", ""},
	kwWith:           {WantKeyword, "WITH", ""},
	kwAttr:           {WantKeyword, "ATTR", ""},
	kwStart:          {WantKeyword, "START", ""},
	kwStop:           {WantKeyword, "STOP", ""},
	kwLast:           {WantKeyword, "LAST", ""},
	kwAsc:            {WantKeyword, "ASC", ""},
	kwDesc:           {WantKeyword, "DESC", ""},
	kwLimit:          {WantKeyword, "LIMIT", ""},
	kwOffset:         {WantKeyword, "OFFSET", ""},
	kwAnd:            {WantKeyword, "AND", ""},
	kwOr:             {WantKeyword, "OR", ""},
	kwNull:           {WantKeyword, "NULL", ""},
	signEqual:        {WantSign, "=", anOperator},
	signNotEqual:     {WantSign, "!=", anOperator},
	signLess:         {WantSign, "<", anOperator},
	signLessEqual:    {WantSign, "<=", anOperator},
	signGreater:      {WantSign, ">", anOperator},
	signGreaterEqual: {WantSign, ">=", anOperator},
	kwIn:             {WantKeyword, "IN", anOperator},
	kwLike:           {WantKeyword, "LIKE", anOperator},
	kwMatches:        {WantKeyword, "MATCHES", anOperator},
	kwIsSubset:       {WantKeyword, "ISSUBSET", anOperator},
	kwIsSuperset:     {WantKeyword, "ISSUPERSET", anOperator},
	kwIs:             {WantKeyword, "IS", anOperator},
	kwNot:            {WantKeyword, "NOT", anOperator},
	kwMin:            {WantKeyword, "MIN", anAggregate},
	kwMax:            {WantKeyword, "MAX", anAggregate},
	kwSum:            {WantKeyword, "SUM", anAggregate},
	kwAvg:            {WantKeyword, "AVG", anAggregate},
	kwCount:          {WantKeyword, "COUNT", anAggregate},
	kwNUnique:        {WantKeyword, "NUNIQUE", anAggregate},
	kwD:              {WantKeyword, "D", aUnit},
	kwDay:            {WantKeyword, "DAY", aUnit},
	kwDays:           {WantKeyword, "DAYS", aUnit},
	kwH:              {WantKeyword, "H", aUnit},
	kwHour:           {WantKeyword, "HOUR", aUnit},
	kwHours:          {WantKeyword, "HOURS", aUnit},
	kwM:              {WantKeyword, "M", aUnit},
	kwMinute:         {WantKeyword, "MINUTE", aUnit},
	kwMinutes:        {WantKeyword, "MINUTES", aUnit},
	kwS:              {WantKeyword, "S", aUnit},
	kwSecond:         {WantKeyword, "SECOND", aUnit},
	kwSeconds:        {WantKeyword, "SECONDS", aUnit},
	signAssign:       {WantSign, "=", ""},
	signPlus:         {WantSign, "+", ""},
	signStar:         {WantSign, "*", ""},
	signComma:        {WantSign, ",", ""},
	signDot:          {WantSign, ".", ""},
	signColon:        {WantSign, ":", ""},
	signOpen:         {WantSign, "(", ""},
	signClose:        {WantSign, ")", ""},
	signOpenBracket:  {WantSign, "[", ""},
	signCloseBracket: {WantSign, "]", ""},
	signOpenBrace:    {WantSign, "{", ""},
	signCloseBrace:   {WantSign, "}", ""},
}

// isKeyword reports whether a word is a keyword somewhere, units aside.
func isKeyword(word string) bool {
	for _, info := range wantTable {
		if info.kind == WantKeyword && info.group != aUnit && strings.EqualFold(word, info.text) {
			return true
		}
	}
	return false
}

// text returns the keyword or sign.
func (w want) text() string { return wantTable[w].text }

// A wantSet is a set of wants.
type wantSet [(wantCount + 63) / 64]uint64

func (s *wantSet) add(w want)      { s[w/64] |= 1 << (w % 64) }
func (s *wantSet) has(w want) bool { return s[w/64]&(1<<(w%64)) != 0 }

// all returns the members in the order of the constants.
func (s *wantSet) all() []want {
	var list []want
	for w := range wantCount {
		if s.has(w) {
			list = append(list, w)
		}
	}
	return list
}

// exported returns the set for readers outside the package.
func (s *wantSet) exported() []Want {
	var list []Want
	for _, w := range s.all() {
		list = append(list, Want{wantTable[w].kind, wantTable[w].text})
	}
	return list
}

// keywords returns the keywords of the set, as candidates for a misspelt word.
// One-letter words are left out: everything is near them.
func (s *wantSet) keywords() []string {
	var list []string
	for _, w := range s.all() {
		if wantTable[w].kind == WantKeyword && len(w.text()) > 1 {
			list = append(list, w.text())
		}
	}
	return list
}

// String lists the set as messages name it: "FROM or WHERE". Where a new step
// may begin, nothing else is named.
func (s *wantSet) String() string {
	if s.has(aTarget) {
		return aCommand + " or " + wantTable[aTarget].group
	}
	var names []string
	for _, w := range s.all() {
		name := wantTable[w].name()
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
